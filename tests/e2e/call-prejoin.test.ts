import { describe, expect, it } from 'vitest'
import { enterCall, joinCall, openRoom, seesMoving, tile } from '../support/call'
import { connect } from '../support/client'
import { browser, product, server } from '../support/product'
import { createUser, unique } from '../support/session'

product()

/** A browser without any device. */
function withoutDevices() {
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'))
}

/** A person who says no, and then yes. */
function refusedOnce() {
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
  let asked = 0
  navigator.mediaDevices.getUserMedia = constraints => ++asked <= 2 ? Promise.reject(new DOMException('', 'NotAllowedError')) : ask(constraints)
}

describe('[B1] before joining', () => {
  it('says in plain words that access is blocked, and retries', async () => {
    const { page, context } = await openRoom(browser, server, unique('denied'), 'Ann', { prepare: refusedOnce })
    await page.getByRole('button', { name: /^(?:Join the call|Start a call)/ }).click()
    const alert = page.getByRole('alert').filter({ hasText: 'Camera access is blocked' })
    await alert.getByRole('button', { name: 'Retry' }).click()
    await alert.waitFor({ state: 'detached' })
    await page.locator('video').waitFor()
    await page.getByText('Others will see you, not hear you.').waitFor()
    await context.close()
  })

  it('lets somebody without devices in, who sees the others', async () => {
    const room = unique('bare')
    const ann = await enterCall(browser, server, room, 'Ann')
    const bob = await openRoom(browser, server, room, 'Bob', { prepare: withoutDevices })
    await bob.page.getByRole('button', { name: /^Join the call/ }).click()
    await bob.page.getByText('No camera was found').waitFor()
    await bob.page.getByText('Ann is in the call.').waitFor()
    await bob.page.getByRole('button', { name: 'Join now' }).click()
    await seesMoving(bob.page, 1)
    await tile(ann.page, 'Bob').getByRole('img', { name: 'Microphone off' }).waitFor()
    await Promise.all([ann.context.close(), bob.context.close()])
  })

  it('refuses a seventh with a sentence, and lets them in when somebody leaves', async () => {
    const room = unique('full')
    const inCall = { type: 'media-state', room, in_call: true, mic: false, cam: false, screen: false, hand: false } as const
    const six = await Promise.all(Array.from({ length: 6 }, async (_, n) => {
      const client = await connect(server, { user: await createUser(server, `Guest ${n}`) })
      expect(await client.request({ type: 'join', room })).toMatchObject({ type: 'ack' })
      expect(await client.request({ ...inCall })).toMatchObject({ type: 'ack' })
      return client
    }))
    const { page, context } = await openRoom(browser, server, room, 'Ann')
    await page.getByRole('button', { name: /^Join the call/ }).click()
    await page.getByText('This call is full: 6 people are in it').waitFor()
    await page.getByRole('button', { name: 'Join now' }).click()
    expect(await page.getByRole('toolbar', { name: 'Call controls' }).count()).toBe(0)
    await six[0]?.request({ ...inCall, in_call: false })
    await page.getByText('This call is full').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Join now' }).click()
    await page.getByRole('toolbar', { name: 'Call controls' }).waitFor()
    for (const client of six) client.cut()
    await context.close()
  })
})

describe('[B3] keyboard', () => {
  it('talks while Space is held, closes what Esc closes and gives the focus back', async () => {
    const { page, context } = await openRoom(browser, server, unique('keys'), 'Ann')
    await joinCall(page)
    await page.keyboard.press('m')
    await page.getByRole('button', { name: /Unmute/ }).waitFor()
    await page.keyboard.down('Space')
    await page.getByText('You are heard while you hold Space').waitFor()
    await page.keyboard.up('Space')
    await page.getByRole('button', { name: /Unmute/ }).waitFor()

    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })

    const stats = page.getByRole('button', { name: 'Statistics' })
    await stats.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('region', { name: 'Statistics' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('region', { name: 'Statistics' }).waitFor({ state: 'detached' })
    expect(await stats.evaluate(element => element === document.activeElement)).toBe(true)

    const field = page.getByRole('textbox').first()
    await field.fill('')
    await field.pressSequentially('mvsh ?')
    expect(await page.getByRole('button', { name: /Unmute/ }).count()).toBe(1)
    await context.close()
  })
})
