import { openRawSocket } from '../raw-socket.mjs'

const JSON_HEADERS = { 'content-type': 'application/json' }

/** Makes a guest. @returns {Promise<{ cookie: string, token: string, id: string }>} */
export async function guest(url, name) {
  const response = await fetch(`${url}/api/session`, { method: 'POST', headers: JSON_HEADERS, body: JSON.stringify({ name }) })
  if (!response.ok) throw new Error(`no guest: ${response.status}`)
  const { user, token } = await response.json()
  return { cookie: response.headers.getSetCookie()[0].split(';')[0], token, id: user.id }
}

/** Opens a polling line. @returns {Promise<string>} the connection's id */
export async function openPoll(url, { cookie }, query = '') {
  const response = await fetch(`${url}/api/chat/poll?${query}`, { method: 'POST', headers: { cookie } })
  const body = await response.json()
  if (!response.ok) throw new Error(`no line: ${response.status}`)
  return body.connection_id
}

/** Posts frames for a line. @returns {Promise<Response>} */
export function post(url, { cookie }, connection_id, frames) {
  return fetch(`${url}/api/chat/frames`, { method: 'POST', headers: { cookie, ...JSON_HEADERS }, body: JSON.stringify({ connection_id, frames }) })
}

/** Fills rooms with long messages, as fast as the server lets several people write. They read what comes, or they would be cut. @param {string[]} rooms */
export async function fillRooms(url, rooms, messages, bytes) {
  const people = await Promise.all(Array.from({ length: 8 }, (_, n) => guest(url, `Writer ${n}`)))
  const work = rooms.flatMap(room => Array.from({ length: messages }, (_, n) => ({ room, n })))
  await Promise.all(people.map(async ({ cookie }) => {
    let answered
    const socket = await openRawSocket(`${url}/api/chat.ws`, { cookie }, (heard) => {
      if (heard.subarray(0, 40).includes('"ref":"c"')) answered?.(JSON.parse(heard.toString()))
    })
    const ask = frame => new Promise((resolve) => {
      answered = resolve
      socket.send(JSON.stringify({ ...frame, id: 'c' }))
    })
    for (const room of rooms) await ask({ type: 'join', room, limit: 1 })
    for (let job = work.pop(); job; job = work.pop()) {
      const frame = { type: 'chat', room: job.room, text: `${job.n} ${'x'.repeat(bytes)}`, client_msg_id: `${job.room}-${job.n}` }
      for (;;) {
        const { type, code, retry_after_ms } = await ask(frame)
        if (type === 'ack') break
        if (code !== 'rate_limited') throw new Error(`${job.room}: ${code}`)
        await new Promise(resolve => setTimeout(resolve, retry_after_ms ?? 200))
      }
    }
    socket.close()
  }))
}
