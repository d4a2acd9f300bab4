import { connect } from 'node:net'
import { fillRooms, guest, openPoll, post } from './people.mjs'
import { pour, textMessage, upgradeHead } from './pour.mjs'

/**
 * One flood: what it does to the server that a person would not, over and over.
 *
 * @typedef {object} Flood
 * @property {string} key
 * @property {string} title
 * @property {(url: string) => Promise<any>} [prepare] what there has to be before; not measured
 * @property {(url: string, until: number, prepared: any) => Promise<Record<string, number>>} run ends by itself at `until` of
 *   performance.now(), and says what became of its attempts
 */

const LONG = 16_000
const ROOMS = Array.from({ length: 12 }, (_, n) => `long-${n}`)
const PINGS = Buffer.concat(Array.from({ length: 2000 }, () => textMessage('{"type":"ping"}')))

/** Does something again and again, `width` at a time, until the time is up. Counts what came of each. */
async function again(until, width, attempt) {
  const outcomes = {}
  const count = (outcome) => {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  }
  await Promise.all(Array.from({ length: width }, async (_, n) => {
    while (performance.now() < until) {
      const outcome = await attempt(n).catch(() => 'failed')
      count(outcome)
      // Who is refused without an answer would otherwise measure nothing but itself.
      if (outcome === 'failed') await new Promise(resolve => setTimeout(resolve, 5))
    }
  }))
  return outcomes
}

const within = until => AbortSignal.timeout(Math.max(1, Math.ceil(until - performance.now())))
/** Asks, reads the answer to its end, and gives its status. */
async function ask(until, url, init) {
  const response = await fetch(url, { ...init, signal: within(until) })
  await response.arrayBuffer()
  return String(response.status)
}
/** Opens sockets that pour the same messages, again whenever they were closed. */
async function pourMessages(url, until, width, bytes, headers = {}, opening) {
  return again(until, width, async () => {
    const { status } = await pour(url, { head: upgradeHead(headers), bytes, until, afterAnswer: true, opening })
    return status.split(' ')[1] ?? 'failed'
  })
}

/** @type {Flood[]} */
export const FLOODS = [
  { key: 'nobody', title: 'one socket of nobody, pings', run: (url, until) => pourMessages(url, until, 1, PINGS) },
  { key: 'ten-nobodies', title: 'ten sockets of nobody, pings', run: (url, until) => pourMessages(url, until, 10, PINGS) },
  {
    key: 'guest-frames', title: 'a guest’s frames, ten sockets', prepare: url => guest(url, 'Flooder'),
    run: (url, until, { cookie }) => {
      const join = textMessage('{"type":"join","room":"own"}')
      const chats = Buffer.concat(Array.from({ length: 200 }, (_, n) => textMessage(`{"type":"chat","id":"${n}","room":"own","text":"${'x'.repeat(1000)}","client_msg_id":"${n}"}`)))
      return pourMessages(url, until, 10, chats, { cookie }, join)
    },
  },
  {
    key: 'big-posts', title: 'frame posts of 1.9 MB, 8 at once', prepare: async (url) => {
      const person = await guest(url, 'Flooder')
      return { person, line: await openPoll(url, person) }
    },
    run: (url, until, { person, line }) => {
      const frames = Array.from({ length: 30 }, (_, n) => ({ type: 'chat', room: 'none', text: 'x'.repeat(63_000), client_msg_id: `${n}` }))
      const body = JSON.stringify({ connection_id: line, frames })
      return again(until, 8, () => ask(until, `${url}/api/chat/frames`, { method: 'POST', headers: { 'cookie': person.cookie, 'content-type': 'application/json' }, body }))
    },
  },
  {
    key: 'chunked', title: 'endless chunked bodies to /api/session, 8 at once',
    run: (url, until) => again(until, 8, async () => {
      const head = 'POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n'
      const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536, 'x'), Buffer.from('\r\n')])
      const { status } = await pour(url, { head, bytes: chunk, until })
      return status.split(' ')[1] ?? 'failed'
    }),
  },
  {
    key: 'small-chunks', title: 'bodies in pieces of one byte, 8 at once',
    run: (url, until) => again(until, 8, async () => {
      const head = 'POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n'
      const { status } = await pour(url, { head, bytes: Buffer.from('1\r\nx\r\n'.repeat(10_000)), until })
      return status.split(' ')[1] ?? 'failed'
    }),
  },
  {
    key: 'unread-polls', title: 'polls that are never read, of rooms of long messages', prepare: async (url) => {
      await fillRooms(url, ROOMS.slice(0, 4), 64, LONG)
      return Promise.all(Array.from({ length: 6 }, (_, n) => guest(url, `Flooder ${n}`)))
    },
    run: (url, until, people) => again(until, people.length, async (n) => {
      const line = await openPoll(url, people[n]).catch(() => undefined)
      if (!line) return 'refused'
      for (const room of ROOMS.slice(0, 4)) await post(url, people[n], line, [{ type: 'join', room, limit: 256 }])
      return 'joined'
    }),
  },
  {
    key: 'presence', title: 'streams with ever new peer keys', prepare: url => guest(url, 'Flooder'),
    run: (url, until, { cookie }) => again(until, 8, async () => {
      const gone = new AbortController()
      const response = await fetch(`${url}/api/chat/stream?room=victims&peer_key=${crypto.randomUUID()}`, { headers: { cookie }, signal: gone.signal })
      gone.abort()
      return String(response.status)
    }),
  },
  {
    key: 'long-rooms', title: 'joins of many rooms of long messages', prepare: async (url) => {
      await fillRooms(url, ROOMS, 40, LONG)
      return guest(url, 'Flooder')
    },
    run: (url, until, { cookie }) => {
      const joins = Buffer.concat(ROOMS.map(room => textMessage(`{"type":"join","room":"${room}","limit":256}`)))
      return pourMessages(url, until, 4, joins, { cookie })
    },
  },
  {
    key: 'reads', title: 'pages of the log of a long room, 16 at once', prepare: async (url) => {
      await fillRooms(url, ROOMS.slice(0, 1), 200, LONG)
      const person = await guest(url, 'Flooder')
      await openPoll(url, person, `room=${ROOMS[0]}`)
      return person
    },
    run: (url, until, { cookie }) => again(until, 16, () => ask(until, `${url}/api/rooms/${ROOMS[0]}/log?limit=500`, { headers: { cookie } })),
  },
  {
    key: 'signals', title: 'signals of 48 KB to one who reads slowly', prepare: async (url) => {
      const [from, to] = await Promise.all([guest(url, 'Flooder'), guest(url, 'Target')])
      const opened = await fetch(`${url}/api/chat/poll?room=pair`, { method: 'POST', headers: { cookie: to.cookie } })
      const { frames } = await opened.json()
      return { from, peer: frames.find(frame => frame.type === 'connection.established').peer_id }
    },
    run: (url, until, { from, peer }) => {
      const join = textMessage('{"type":"join","room":"pair"}')
      const signal = textMessage(JSON.stringify({ type: 'webrtc-signal', room: 'pair', to: peer, signal: 'x'.repeat(48_000) }))
      return pourMessages(url, until, 4, signal, { cookie: from.cookie }, join)
    },
  },
  {
    key: 'ai-requests', title: 'ai-requests and ai-cancels in a room of long messages', prepare: async (url) => {
      const person = await guest(url, 'Flooder')
      const line = await openPoll(url, person, 'room=botted')
      await post(url, person, line, [{ type: 'bot-toggle', room: 'botted', bot: 'host', enabled: true }])
      await fillRooms(url, ['botted'], 60, LONG)
      return { person, line }
    },
    run: (url, until, { person, line }) => again(until, 4, async () => {
      const response = await post(url, person, line, [{ type: 'ai-request', id: 'a', room: 'botted', bot: 'host', prompt: 'action items' }])
      const { frames } = await response.json()
      const stream_id = frames?.[0]?.stream_id
      if (stream_id) await post(url, person, line, [{ type: 'ai-cancel', room: 'botted', stream_id }])
      return frames?.[0]?.code ?? frames?.[0]?.type ?? String(response.status)
    }),
  },
  { key: 'front-page', title: 'GET / of nobody, 20 at once', run: (url, until) => again(until, 20, () => ask(until, `${url}/`)) },
  { key: 'room-pages', title: 'pages of ever new rooms of nobody, 20 at once', run: (url, until) => again(until, 20, () => ask(until, `${url}/r/${crypto.randomUUID()}`)) },
  { key: 'docs-page', title: 'GET /docs/call of nobody, 20 at once', run: (url, until) => again(until, 20, () => ask(until, `${url}/docs/call`)) },
  {
    key: 'streams', title: 'streams opened and left, 8 at once', prepare: url => guest(url, 'Flooder'),
    run: (url, until, { cookie }) => again(until, 8, async () => {
      const gone = new AbortController()
      const response = await fetch(`${url}/api/chat/stream`, { headers: { cookie }, signal: gone.signal })
      gone.abort()
      return String(response.status)
    }),
  },
  {
    key: 'pipelined', title: 'requests of nobody that wait for no answer, 8 connections',
    run: (url, until) => {
      const bytes = Buffer.from('GET /api/rooms HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'.repeat(1000))
      return again(until, 8, async () => {
        const { status } = await pour(url, { head: '', bytes, until })
        return status.split(' ')[1] ?? 'failed'
      })
    },
  },
  {
    key: 'forged', title: 'requests with ever new forged tokens, 16 at once',
    run: (url, until) => again(until, 16, () => ask(until, `${url}/api/rooms`, { headers: { cookie: `lastra_session=eyJhbGciOiJIUzI1NiJ9.e30.${crypto.randomUUID()}` } })),
  },
  {
    key: 'new-rooms', title: 'joins of ever new rooms by ever new guests, 4 at once',
    run: (url, until) => again(until, 4, async () => {
      const person = await guest(url, 'Flooder')
      const line = await openPoll(url, person)
      const frames = Array.from({ length: 60 }, () => ({ type: 'join', id: 'j', room: crypto.randomUUID() }))
      const { frames: replies = [] } = await (await post(url, person, line, frames)).json()
      return `made ${replies.filter(({ type }) => type === 'ack').length} of 60`
    }),
  },
  {
    key: 'connections', title: 'connections that say nothing, as many as there may be',
    run: async (url, until) => {
      const { hostname, port } = new URL(url)
      const held = []
      const outcomes = await again(until, 50, () => new Promise((resolve) => {
        const socket = connect({ host: hostname, port: Number(port) })
        socket.on('error', () => undefined)
        socket.once('connect', () => {
          held.push(socket)
          setTimeout(() => resolve(socket.destroyed ? 'cut' : 'held'), 20)
        })
        socket.once('close', () => resolve('cut'))
      }))
      for (const socket of held) socket.destroy()
      return outcomes
    },
  },
  {
    key: 'upgrades', title: 'sockets of nobody opened and cut, 8 at once',
    run: (url, until) => pourMessages(url, until, 8, textMessage('no frame')),
  },
]
