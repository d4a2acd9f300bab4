import { expect, test } from 'vitest'
import { messages, openChat, shownTexts } from '../support/chat'
import { connect } from '../support/client'
import { browser, product, server } from '../support/product'
import { unique } from '../support/session'

/** More than a page keeps at its end, and soon more than twice as many. */
const MANY = 700

product()

test('[A3] a page forgets what scrolled away long ago, and loads it again: each message once, in order', async () => {
  const room = unique('busy')
  const ann = await openChat(browser, server, room, 'Ann')
  const asked: string[] = []
  ann.page.on('request', request => asked.push(new URL(request.url()).pathname))
  const writer = await connect(server, { userName: 'Writer' })
  await writer.join(room)
  for (let n = 1; n <= MANY; n += 50) await Promise.all(Array.from({ length: 50 }, (_, index) => writer.chat(room, `line ${n + index}.`)))
  await messages(ann.page, `line ${MANY}.`).waitFor()
  // It stood at its end all the time, and still does.
  expect(await ann.page.getByRole('button', { name: /new message|latest/i }).count()).toBe(0)
  const older = `/api/rooms/${room}/messages`
  expect(asked).not.toContain(older)
  const shown = await shownTexts(ann.page, /line \d+\./)
  // All of them came to this page live; those it asked for again it had forgotten.
  expect(asked).toContain(older)
  expect(shown).toEqual(Array.from({ length: MANY }, (_, index) => `line ${index + 1}.`))
  expect(ann.errors).toEqual([])
})
