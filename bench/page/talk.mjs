import { pause } from '../../scripts/figures.mjs'
import { guest, openLine } from '../../scripts/lines.mjs'
import { until } from '../../scripts/product.mjs'

const SENDERS = 4
const LENGTH = 200
const WORDS = 'the cursor only moves when the **next** entry is really the next one, and what was acked is `on disk` before anybody sees it; see https://example.org/rules for the rest of it '
/** How many sent messages may be on their way at most: more than a page ever waits for, and few enough to be bounded. */
const AHEAD_MAX = 1_000

/** A text of 200 bytes that says which it is, with a little markup as people write it. */
export function textOf(n) {
  return `probe-${n}. ${WORDS.repeat(2)}`.slice(0, LENGTH)
}

/**
 * People who fill a room over bare sockets.
 *
 * @param {string} url
 * @param {string} room
 */
export async function talkers(url, room) {
  let sent = 0
  let stored = 0
  const lines = []
  for (let n = 0; n < SENDERS; n++) {
    lines.push(await openLine('websocket', url, await guest(url, `Sender ${n + 1}`), { room }, (frame) => {
      if (n === 0 && frame.type === 'message.new') stored++
    }))
  }
  await until(() => lines.length === SENDERS, 'the senders')
  return {
    /** The newest message's number. */
    newest: () => sent - 1,
    /** Says so many more, so many a second, and returns when all are stored. */
    async say(count, perSecond) {
      const began = performance.now()
      for (let n = 0; n < count; n++) {
        const due = began + n * 1000 / perSecond
        while (performance.now() < due || sent - stored > AHEAD_MAX) await pause(Math.max(1, Math.min(20, due - performance.now())))
        const number = sent++
        lines[number % SENDERS].send({ type: 'chat', room, text: textOf(number), client_msg_id: crypto.randomUUID() })
      }
      await until(() => stored === sent, `${count} stored messages`, 60_000)
    },
    leave: () => lines.forEach(line => line.cut()),
  }
}
