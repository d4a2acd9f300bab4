import { guest } from '../../scripts/lines.mjs'
import { openRawHttp } from '../raw-http.mjs'
import { openRawSocket } from '../raw-socket.mjs'

const ESTABLISHED = '{"type":"connection.established"'
const REPLAYED = '{"type":"message.replay"'
const END = '{"type":"replay.end"'
const PRESENCE = '{"type":"presence"'

/** Makes people who come. @returns {Promise<string>} a token */
export const newcomer = server => guest(server.url, 'Visitor')

/**
 * Joins a room over a socket of its own.
 *
 * @param {{ room: string, from_seq?: number }} what
 * @param {(frame: string) => void} onPresence told of each who comes
 * @returns {Promise<{ ms: number, replayed: number, head: number, began: number, leave: () => void }>} the time from asking to having the room's state and messages
 */
export async function visit(server, token, what, onPresence = () => {}) {
  let established
  let ended
  let replayed = 0
  const ready = new Promise(resolve => established = resolve)
  const whole = new Promise(resolve => ended = resolve)
  const socket = await openRawSocket(`${server.url}/api/chat.ws`, { authorization: `Bearer ${token}` }, (payload) => {
    const start = payload.toString('latin1', 0, 40)
    if (start.startsWith(REPLAYED)) replayed++
    else if (start.startsWith(END)) ended(JSON.parse(String(payload)).head)
    else if (start.startsWith(PRESENCE)) onPresence(String(payload))
    else if (start.startsWith(ESTABLISHED)) established()
  })
  await ready
  const began = performance.now()
  socket.send(JSON.stringify({ type: 'join', ...what }))
  const head = await whole
  return { ms: performance.now() - began, replayed, head, began, leave: socket.cut }
}

/** A reader over HTTP. @returns {Promise<{ get: (path: string) => Promise<{ ms: number, answer: any }>, close: () => void }>} */
export async function reader(server, token) {
  const http = await openRawHttp(server.url)
  const headers = { authorization: `Bearer ${token}` }
  return {
    async get(path) {
      const began = performance.now()
      const { status, body } = await http.ask('GET', path, headers)
      const ms = performance.now() - began
      if (status !== 200) throw new Error(`${path.split('?')[0]}: ${status}`)
      return { ms, answer: JSON.parse(String(body)) }
    },
    close: http.cut,
  }
}

/** Does something several times, one after another, at most for so long. @returns {Promise<number[]>} what each time took, in milliseconds */
export async function times(count, once, budgetMs = 10_000) {
  const taken = []
  for (let began = performance.now(); taken.length < count && performance.now() - began < budgetMs;) taken.push(await once(taken.length))
  return taken
}

/** Waits for something, but not for ever: what takes longer counts as that long. */
export function atMost(waitMs, what) {
  let timer
  const over = new Promise(resolve => timer = setTimeout(() => resolve(waitMs), waitMs))
  return Promise.race([what, over]).finally(() => clearTimeout(timer))
}
