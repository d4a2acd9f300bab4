import { expect, test } from 'vitest'
import { connect } from '../support/client'
import type { Client } from '../support/client'
import { startServer } from '../support/server'
import { createUser, get } from '../support/session'
import { waitFor } from '../support/wait'
import type { Message } from '#shared/protocol/frames'

const ROUNDS = 10
const WRITERS = 6
const room = 'durable'

test(`[LOG-1] [LOG-2] acked messages survive SIGKILL at any moment, ${ROUNDS} times in a row`, { timeout: 180_000 }, async () => {
  const server = await startServer()
  const user = await createUser(server, 'Writer')
  /** What was acked, by `client_msg_id`. */
  const acked = new Map<string, number>()
  /** What a reader saw, by `seq`: seen must be as safe as acked. */
  const seen = new Map<number, string>()
  const unanswered = new Set<string>()

  async function write(client: Client, prefix: string): Promise<void> {
    for (let n = 0; client.isOpen; n++) {
      const id = `${prefix}-${n}`
      unanswered.add(id)
      const ack = await client.chat(room, `text of ${id}`, { client_msg_id: id })
      unanswered.delete(id)
      acked.set(id, ack.seq)
    }
  }

  for (let round = 0; round < ROUNDS; round++) {
    const before = acked.size
    const clients = await Promise.all(Array.from({ length: WRITERS }, () => connect(server, { user })))
    for (const client of clients) await client.join(room)
    clients[0]?.onFrame((frame) => {
      if (frame.type === 'message.new') seen.set(frame.seq, frame.client_msg_id ?? '')
    })
    // What was sent and never answered is sent again: it must not be stored twice.
    for (const id of [...unanswered]) {
      const ack = await clients[0]?.chat(room, `text of ${id}`, { client_msg_id: id })
      if (ack) acked.set(id, ack.seq)
      unanswered.delete(id)
    }
    const work = clients.map((client, w) => write(client, `r${round}-w${w}`).catch(() => undefined))
    // Another moment each round: after a different number of acks, and so in a different state of the group commit.
    const target = before + 20 + Math.floor(Math.random() * 200)
    await waitFor(() => acked.size >= target, { interval: 1, timeout: 20_000, what: `${target} acked messages` })
    server.kill('SIGKILL')
    await Promise.all(work)
    await server.restart()
  }

  const log: Message[] = []
  const reader = await connect(server, { user })
  const { state } = await reader.join(room)
  while (log.length < state.head) {
    const { body } = await get(server, `/api/rooms/${room}/log?from_seq=${log.length}&limit=500`, user)
    log.push(...(body as { entries: Message[] }).entries)
  }
  expect(log.map(entry => entry.seq)).toEqual(Array.from({ length: state.head }, (_, n) => n + 1))
  const ids = log.map(entry => entry.client_msg_id ?? '')
  expect(new Set(ids).size, 'none doubled').toBe(ids.length)
  expect(acked.size).toBeGreaterThan(ROUNDS * 20)
  for (const [id, seq] of acked) expect(log[seq - 1], id).toMatchObject({ client_msg_id: id, content: { text: `text of ${id}` } })
  for (const [seq, id] of seen) expect(ids[seq - 1], `what was seen at ${seq}`).toBe(id)
  await server.stop()
})
