import { expect, test } from 'vitest'
import { isLive, messages, openChat, write } from '../support/chat'
import { browser, product, server } from '../support/product'
import { unique } from '../support/session'

product()

test('[ACC-5] refused at a locked room: one knocks, is let in, is removed, and comes back by the host alone', async () => {
  const room = unique('door')
  const host = await openChat(browser, server, room, 'Hanna')
  await host.page.getByRole('button', { name: 'Room options' }).click()
  await host.page.getByRole('menuitem', { name: 'Lock room' }).click()
  await host.page.getByText('Hanna locked the room').first().waitFor()

  const { page, errors } = await browser.participant(server.url)
  await page.goto(`/r/${room}`)
  await page.getByText('This room is locked').waitFor()
  await page.getByLabel('Your name').fill('Nils')
  await page.getByRole('button', { name: 'Enter room' }).click()
  await page.getByRole('heading', { name: `“${room}” is locked` }).waitFor()
  await page.getByRole('button', { name: 'Knock' }).click()
  await page.getByRole('heading', { name: 'You knocked' }).waitFor()

  // Turned away once, heard again later: a reload does not take the knock back.
  await host.page.getByRole('button', { name: 'Let in Nils' }).waitFor()
  // Who knocks covers nothing that can be pressed.
  for (const width of [320, 390, 700, 1280]) {
    await host.page.setViewportSize({ width, height: 720 })
    await host.page.getByRole('button', { name: 'Join the call' }).click({ trial: true })
  }
  await host.page.reload()
  await host.page.getByRole('button', { name: 'Let in Nils' }).click()
  await isLive(page)
  await write(page, 'Thank you')
  await messages(host.page, 'Thank you').waitFor()
  await host.page.getByRole('region', { name: 'People at the door' }).waitFor({ state: 'detached' })

  await host.page.getByRole('button', { name: 'Actions for Nils' }).click()
  await host.page.getByRole('menuitem', { name: 'Remove from room' }).click()
  await host.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('heading', { name: 'You were removed from this room' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'You were removed from this room' }).waitFor()
  await host.page.getByRole('button', { name: 'Let back in: Nils' }).click()
  await isLive(page)
  await messages(page, 'Thank you').waitFor()
  expect(await host.page.getByRole('button', { name: 'Let back in: Nils' }).count()).toBe(0)
  expect(errors).toEqual([])
})
