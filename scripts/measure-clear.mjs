import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import SQLite from 'better-sqlite3'
import { SignJWT } from 'jose'
import { WebSocket } from 'ws'
import { ROOM, fill } from '../bench/growth/fill.mjs'
import { quantile } from './figures.mjs'
import { startProduct, until } from './product.mjs'

/**
 * Clears a long room while others talk, and prints how late the server's event loop was until the last word was off the disk:
 * `npm run measure:clear -- --messages 200000`.
 */
const { values } = parseArgs({ options: { messages: { type: 'string', default: '200000' } } })
const messages = Number(values.messages)
const data = await fill({ messages })
const server = await startProduct({
  NUXT_DATA_DIR: data, NUXT_LIMITS_CHAT_RATE: '1000', NUXT_LIMITS_CHAT_BURST: '1000', NUXT_LIMITS_FRAME_RATE: '1000', NUXT_LIMITS_FRAME_BURST: '1000',
  NODE_OPTIONS: `--import ${fileURLToPath(new URL('../tests/support/loop-delay.mjs', import.meta.url))}`,
})

/** A connection of one of the people in the database. */
async function connect(user) {
  const { tokenSecret } = JSON.parse(readFileSync(join(data, 'secrets.json'), 'utf8'))
  const token = await new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject(user).setIssuedAt().setExpirationTime('1h').sign(new TextEncoder().encode(tokenSecret))
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/chat.ws`, { headers: { authorization: `Bearer ${token}` } })
  const replies = new Map()
  socket.on('message', (text) => {
    const frame = JSON.parse(String(text))
    if (frame.type === 'ack' || frame.type === 'error') replies.get(frame.ref)?.(frame)
  })
  await new Promise(resolve => socket.once('open', resolve))
  let asked = 0
  return {
    request: frame => new Promise((resolve, reject) => {
      const id = `r${++asked}`
      replies.set(id, reply => reply.type === 'ack' ? resolve(reply) : reject(new Error(`${frame.type}: ${reply.code} ${reply.message}`)))
      socket.send(JSON.stringify({ ...frame, id }))
    }),
    close: () => socket.close(),
  }
}

const delayFile = join(data, 'loop-delay.json')
const delayText = () => readFileSync(delayFile, 'utf8')
async function loopDelay() {
  const before = await Promise.resolve().then(delayText).catch(() => '')
  process.kill(/** @type {number} */ (server.pid), 'SIGUSR2')
  return JSON.parse(await until(() => delayText() === before ? '' : delayText(), 'the delay of the event loop'))
}

const [host, other] = [await connect('user000000000001'), await connect('user000000000002')]
await host.request({ type: 'join', room: ROOM })
await other.request({ type: 'join', room: 'of-2' })
await loopDelay()
const began = performance.now()
await host.request({ type: 'clear', room: ROOM })
const cleared = performance.now() - began
const sqlite = new SQLite(join(data, 'lastra.db'), { readonly: true })
const left = sqlite.prepare('select count(*) from erasures').pluck()
const latencies = []
for (let n = 0; Number(left.get()) > 0; n++) {
  const sent = performance.now()
  await other.request({ type: 'chat', room: 'of-2', text: `meanwhile ${n}`, client_msg_id: `meanwhile-${n}` })
  latencies.push(performance.now() - sent)
  await new Promise(resolve => setTimeout(resolve, 20))
}
const took = performance.now() - began
const delay = await loopDelay()
latencies.sort((a, b) => a - b)
console.log(`clear of ${messages} messages: acked after ${cleared.toFixed(0)} ms, off the disk after ${(took / 1000).toFixed(1)} s`)
console.log(`event loop late by p99 ${delay.p99.toFixed(1)} ms (${delay.ownP99.toFixed(1)} without what others took of the processor, at most ${delay.ownMax.toFixed(1)})`)
console.log(`another room's messages meanwhile, ${latencies.length}: p50 ${quantile(latencies, 0.5).toFixed(1)} ms, p99 ${quantile(latencies, 0.99).toFixed(1)} ms`)
sqlite.close()
host.close()
other.close()
await server.stop()
rmSync(data, { recursive: true, force: true })
