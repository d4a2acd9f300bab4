import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Bus } from '../../../../../server/realtime/bus'
import { createRedisBus } from '../../../../../server/realtime/bus/redis'
import type { Connection } from '../../../../../server/realtime/connection'
import { PollingTransport } from '../../../../../server/realtime/transports/polling'
import { PollingLines } from '../../../../../server/realtime/transports/polling-lines'
import { PostedLines } from '../../../../../server/realtime/transports/posted-lines'
import type { ServerFrame } from '../../../../../shared/protocol/frames'
import { createTestNodes } from '../../../../support/core'
import type { TestCore } from '../../../../support/core'
import { startRedis } from '../../../../support/redis'
import type { TestRedis } from '../../../../support/redis'
import { waitFor } from '../../../../support/wait'

const NEVER = new AbortController().signal

describe('[MANY-1] requests that come to a node which does not hold their connection, over Redis', () => {
  let redis: TestRedis
  let buses: readonly [Bus, Bus]
  let nodes: readonly [TestCore, TestCore]
  let lines: readonly [PostedLines, PostedLines]
  let dispose: () => Promise<void>
  let connection: Connection
  let userId: string

  beforeEach(async () => {
    redis = await startRedis()
    buses = [createRedisBus({ url: redis.url, prefix: 'lines' }), createRedisBus({ url: redis.url, prefix: 'lines' })]
    const made = await createTestNodes(buses)
    nodes = made.nodes
    dispose = made.dispose
    const polling = [new PollingLines(nodes[0].realtime), new PollingLines(nodes[1].realtime)] as const
    lines = [new PostedLines(buses[0], nodes[0].realtime, polling[0]), new PostedLines(buses[1], nodes[1].realtime, polling[1])]
    await waitFor(() => buses.every(bus => bus.isUp()))
    const user = await nodes[0].database.addUser('ann')
    userId = user.id
    const transport = new PollingTransport()
    connection = nodes[0].realtime.open({ transport, address: 'ann', peerKey: 'key-of-ann-0123456789', identity: { user, orgId: 'main', sid: 'one', expiresAt: Number.MAX_SAFE_INTEGER } })
    polling[0].add(connection, transport, user.id)
    connection.outbox.flush()
    transport.takeGreeting()
  })
  afterEach(async () => {
    await Promise.all(buses.map(bus => bus.close()))
    await dispose()
    await redis.stop()
    expect(nodes.flatMap(({ errors }) => errors)).toEqual([])
  })

  const frames = (json: string) => (JSON.parse(json) as { frames: ServerFrame[] }).frames

  it('[SSE-3] [POL-1] are answered as if it did', async () => {
    expect(connection.id.startsWith(`${buses[0].node}.`)).toBe(true)
    const replies = frames(await lines[1].frames(userId, connection.id, [{ type: 'join', room: 'lobby', id: '1' }, { type: 'chat', room: 'lobby', text: 'ü\u2028', client_msg_id: 'c', id: '2' }, { type: 'chat', id: '3' }]))
    expect(replies.map(frame => 'ref' in frame && `${frame.type} ${frame.ref}`)).toEqual(['ack 1', 'ack 2', 'error 3'])
    const polled = await waitFor(async () => {
      const some = frames(await lines[1].poll(userId, connection.id, 0, 0, NEVER))
      return some.some(({ type }) => type === 'message.new') ? some : undefined
    })
    // A poll that waits is answered by what comes.
    const waiting = lines[1].poll(userId, connection.id, polled.length, 20_000, NEVER)
    connection.send({ type: 'pong', t: 'now' })
    expect(frames(await waiting)).toEqual([{ type: 'pong', t: 'now' }])
    await lines[1].close(userId, connection.id)
    expect(connection.ended).toBe(true)
    await expect(lines[1].poll(userId, connection.id, 0, 0, NEVER)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('are refused as they would be there: of another user, for a number that was never given', async () => {
    for (const at of lines) {
      await expect(at.frames('somebody', connection.id, [{ type: 'ping' }])).rejects.toMatchObject({ code: 'forbidden' })
      await expect(at.poll('somebody', connection.id, 0, 0, NEVER)).rejects.toMatchObject({ code: 'forbidden' })
      await expect(at.close('somebody', connection.id)).rejects.toMatchObject({ code: 'forbidden' })
      await expect(at.poll(userId, connection.id, 7, 0, NEVER)).rejects.toMatchObject({ code: 'conflict' })
    }
    expect(connection.ended).toBe(false)
  })

  it('find nothing where the node is gone, and are to come again while Redis is', async () => {
    await expect(lines[1].frames(userId, 'nobody0000.abc', [{ type: 'ping' }])).rejects.toMatchObject({ code: 'not_found' })
    await waitFor(() => lines[1].poll(userId, connection.id, 0, 0, NEVER).then(() => true))
    await redis.stop()
    await waitFor(() => buses.every(bus => !bus.isUp()))
    await expect(lines[1].poll(userId, connection.id, 0, 0, NEVER)).rejects.toMatchObject({ code: 'unavailable' })
    expect(frames(await lines[0].frames(userId, connection.id, [{ type: 'ping', id: 'p' }]))).toMatchObject([{ type: 'ack', ref: 'p' }])
    await redis.start()
    await waitFor(() => lines[1].poll(userId, connection.id, 0, 0, NEVER).then(() => true))
    const waiting = lines[1].poll(userId, connection.id, 1, 25_000, NEVER).catch((error: unknown) => error)
    await buses[0].close()
    expect(await waiting).toMatchObject({ code: 'not_found' })
  })
})
