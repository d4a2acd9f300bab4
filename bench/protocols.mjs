import { randomBytes } from 'node:crypto'
import { guest } from '../scripts/lines.mjs'
import { openRawSocket } from './raw-socket.mjs'

let said = 0
/** An id for a message that begins with the time, as Lastra's own clients make them (shared/time-ordered-id.ts). */
export const timeOrderedId = () => `${Date.now().toString(36)}${randomBytes(4).toString('hex')}${(said++ % 46_656).toString(36).padStart(3, '0')}`

/**
 * One client of a candidate.
 *
 * @typedef {object} Client
 * @property {(text: string) => void} chat says something in its room
 * @property {(text: string) => Promise<void>} said says something, and settles when the server has acknowledged it
 * @property {() => void} cut hangs up without a word
 * @property {() => void} stall stops reading
 * @property {() => object} resumption what {@link join} takes to go on from here
 */

const startsWith = (payload, start) => payload.length >= start.length && payload.subarray(0, start.length).equals(start)

/** Settles the acknowledgements of one client. */
function acks() {
  const waiting = new Map()
  return {
    wait: id => new Promise(resolve => waiting.set(id, resolve)),
    settle(id) {
      waiting.get(id)?.()
      waiting.delete(id)
    },
  }
}

const NEW = Buffer.from('{"type":"message.new"')
const REPLAYED = Buffer.from('{"type":"message.replay"')
const END = Buffer.from('{"type":"replay.end"')
const ACK = Buffer.from('{"type":"ack"')

async function joinLastra(server, room, onChat, from = {}) {
  const token = from.token ?? (server.guests ? await guest(server.url, 'Load') : undefined)
  const pending = acks()
  let last = from.seq ?? 0
  let replayed
  let refs = 0
  const socket = await openRawSocket(`${server.url}/api/chat.ws`, token ? { authorization: `Bearer ${token}` } : {}, (payload) => {
    if (startsWith(payload, NEW)) onChat(payload)
    else if (startsWith(payload, REPLAYED)) onChat(payload)
    else if (startsWith(payload, ACK)) pending.settle(/"ref":"(\w+)"/.exec(payload.toString('latin1', 0, 80))?.[1])
    else if (startsWith(payload, END)) {
      last = JSON.parse(String(payload)).head
      replayed?.()
    }
  })
  const caughtUp = new Promise(resolve => replayed = resolve)
  socket.send(JSON.stringify({ type: 'join', room, ...(from.seq !== undefined && { from_seq: from.seq }) }))
  await caughtUp
  const frame = (text, id) => JSON.stringify({ type: 'chat', room, text, client_msg_id: timeOrderedId(), ...(id && { id }) })
  return {
    chat: text => socket.send(frame(text)),
    said(text) {
      const id = `r${++refs}`
      const done = pending.wait(id)
      socket.send(frame(text, id))
      return done
    },
    cut: socket.cut,
    stall: socket.stall,
    resumption: () => ({ token, seq: last }),
  }
}

const EVENT = Buffer.from('42["chat"')

/** @see https://github.com/socketio/socket.io-protocol for the packets */
async function joinSocketIo(server, room, onChat, from = {}) {
  const pending = acks()
  const session = { pid: from.pid, offset: from.offset }
  let connected
  let ids = 0
  const socket = await openRawSocket(`${server.url}/socket.io/?EIO=4&transport=websocket`, {}, (payload) => {
    if (startsWith(payload, EVENT)) {
      onChat(payload)
      if (server.recovers) session.payload = Buffer.from(payload)
      return
    }
    const text = String(payload)
    if (text === '2') socket.send('3')
    else if (text.startsWith('40')) {
      session.pid = JSON.parse(text.slice(2)).pid
      connected()
    } else if (text.startsWith('43')) pending.settle(/^43(\d+)/.exec(text)?.[1])
  })
  const ready = new Promise(resolve => connected = resolve)
  socket.send(from.pid ? `40${JSON.stringify({ pid: from.pid, offset: from.offset })}` : '40')
  await ready
  const emit = (name, args, wait) => {
    const id = wait ? String(++ids) : ''
    socket.send(`42${id}${JSON.stringify([name, ...args])}`)
    return wait ? pending.wait(id) : undefined
  }
  if (!from.pid) await emit('join', [room], true)
  return {
    chat: text => void emit('chat', [room, text]),
    said: text => emit('chat', [room, text], true),
    cut: socket.cut,
    stall: socket.stall,
    // With recovery each packet carries its offset as a last argument.
    resumption: () => ({ pid: session.pid, offset: session.payload && JSON.parse(session.payload.toString().slice(2)).at(-1) }),
  }
}

const CHAT = Buffer.from('{"type":"chat"')

async function joinBare(server, room, onChat) {
  let joined
  const socket = await openRawSocket(server.url, {}, payload => startsWith(payload, CHAT) ? onChat(payload) : joined())
  const ready = new Promise(resolve => joined = resolve)
  socket.send(JSON.stringify({ type: 'join', room }))
  await ready
  return {
    chat: text => socket.send(JSON.stringify({ type: 'chat', room, text })),
    cut: socket.cut,
    stall: socket.stall,
  }
}

/** How each kind of server is spoken to. Every client gets what it says back, as all members of its room do. */
export const PROTOCOLS = { lastra: joinLastra, socketIo: joinSocketIo, bare: joinBare }
