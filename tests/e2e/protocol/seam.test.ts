import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectOver, TRANSPORTS } from '../../support/client'
import type { Client } from '../../support/client'
import { RoomReader } from '../../support/reader'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser, unique } from '../../support/session'
import { waitFor } from '../../support/wait'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

describe.each(TRANSPORTS)('over %s', (transport) => {
  const connect = connectOver(transport)

  /** Clients that write without a pause until they are stopped. */
  async function writers(room: string, count: number): Promise<{ clients: Client[], written: () => number, stop: () => Promise<Map<number, string>> }> {
    const clients = await Promise.all(Array.from({ length: count }, (_, n) => connect(server, { userName: `W${n}` })))
    for (const client of clients) await client.join(room)
    const acked = new Map<number, string>()
    let running = true
    const loops = clients.map(async (client, c) => {
      for (let n = 0; running; n++) {
        const text = `${c}/${n}`
        acked.set((await client.chat(room, text)).seq, `message.new ${text}`)
      }
    })
    return {
      clients,
      written: () => acked.size,
      stop: async () => {
        running = false
        await Promise.all(loops)
        return acked
      },
    }
  }

  const upTo = (head: number, from = 1): number[] => Array.from({ length: head - from + 1 }, (_, n) => from + n)

  test('[RES-1] joining while many write: nothing lost, nothing doubled, in order', async () => {
    const room = unique('seam')
    const work = await writers(room, 6)
    const joiners: { client: Client, first: number }[] = []
    for (let round = 0; round < 25; round++) {
      const client = await connect(server, { userName: `J${round}` })
      const { entries } = await client.join(room, { limit: 50 })
      joiners.push({ client, first: entries[0]?.seq ?? 1 })
    }
    const acked = await work.stop()
    const head = Math.max(...acked.keys())
    expect(head).toBeGreaterThan(100)
    for (const { client, first } of joiners) {
      await waitFor(() => client.all('message.new', frame => frame.seq === head).length + client.all('message.replay', frame => frame.seq === head).length)
      const seqs = client.frames.flatMap(frame => (frame.type === 'message.new' || frame.type === 'message.replay') && frame.room === room ? [frame.seq] : [])
      expect(seqs).toEqual(upTo(head, first))
    }
    await Promise.all([...work.clients, ...joiners.map(joiner => joiner.client)].map(client => client.close()))
  })

  test('[RES-1] [RES-7] resuming with a cursor while many write gives the log\'s very prefix', async () => {
    const room = unique('resume')
    const work = await writers(room, 5)
    const user = await createUser(server, 'Commuter')
    const reader = new RoomReader(room)
    await waitFor(() => work.written() > 20)
    for (let round = 0; round < 20; round++) {
      const client = await connect(server, { user })
      reader.follow(client)
      const { end } = await client.join(room, round === 0 ? { from_seq: 0 } : reader.joinOptions)
      if (end.totalAvailable > 200) await reader.fill(server, user)
      const target = work.written() + 5
      await waitFor(() => reader.cursor >= target || reader.gaps > 0, { what: 'live entries after a resume' })
      // Cut, without a goodbye.
      client.cut()
      await client.closed
    }
    const acked = await work.stop()
    const client = await connect(server, { user })
    reader.follow(client)
    await client.join(room, reader.joinOptions)
    const head = Math.max(...acked.keys())
    await waitFor(async () => {
      await reader.fill(server, user)
      return reader.cursor === head
    }, { what: () => `the cursor ${reader.cursor} to reach ${head}` })
    expect([...reader.applied.keys()].sort((a, b) => a - b)).toEqual(upTo(head))
    for (const [seq, text] of acked) expect(reader.applied.get(seq)).toBe(text)
    await Promise.all([...work.clients, client].map(each => each.close()))
  })

  test('[RES-1] edits and deletions at the seam: what is read is merged with what comes', async () => {
    const room = unique('merge')
    const host = await connect(server, { userName: 'Host' })
    await host.join(room)
    const ids: string[] = []
    for (let n = 0; n < 40; n++) ids.push((await host.chat(room, `original ${n}`)).messageId)
    let running = true
    const current = new Map<string, string>()
    const editing = (async () => {
      for (let n = 0; running; n++) {
        const messageId = ids[n % ids.length] ?? ''
        await host.ack({ type: 'edit', room, messageId, text: `edit ${n}` })
        current.set(messageId, `edit ${n}`)
      }
    })()
    const joiners: Client[] = []
    for (let round = 0; round < 15; round++) {
      const client = await connect(server)
      await client.join(room)
      joiners.push(client)
    }
    running = false
    await editing
    const { end } = await host.join(room)
    for (const client of joiners) {
      await client.next('message.edited', frame => frame.seq === end.head).catch(async (error: unknown) => {
        if (client.all('replay.end').at(-1)?.head !== end.head) throw error
      })
      const view = new Map<string, string>()
      for (const frame of client.frames) {
        if (frame.type === 'message.replay') view.set(frame.messageId, frame.content.text)
        if (frame.type === 'message.edited' && frame.content) view.set(frame.messageId, frame.content.text)
      }
      for (const [id, text] of current) expect(view.get(id)).toBe(text)
      const live = client.all('message.edited').map(frame => frame.seq)
      const first = client.all('replay.end')[0]?.head ?? 0
      expect(live).toEqual(upTo(end.head, first + 1))
      await client.close()
    }
  })

  test('[RES-2] replay.end.head is where live begins', async () => {
    const room = unique('head')
    const work = await writers(room, 4)
    await waitFor(() => work.written() > 10)
    const seams: { client: Client, head: number }[] = []
    for (let round = 0; round < 10; round++) {
      const client = await connect(server)
      const { end } = await client.join(room)
      seams.push({ client, head: end.head })
    }
    await waitFor(() => seams.every(({ client }) => client.all('message.new').length > 3))
    await work.stop()
    for (const { client, head } of seams) {
      expect(client.all('message.new')[0]?.seq).toBe(head + 1)
      expect(client.all('message.replay').at(-1)?.seq).toBe(head)
    }
    await Promise.all([...work.clients, ...seams.map(seam => seam.client)].map(client => client.close()))
  })
})
