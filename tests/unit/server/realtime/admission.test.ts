import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../../../../server/realtime/connection'
import { LIMITS } from '../../../../shared/protocol/limits'
import { createTestCore } from '../../../support/core'
import type { TestCore } from '../../../support/core'
import { FakeTransport } from '../../../support/fake-transport'

/** What the test's core lets one connection send at once. */
const BURST = 60

describe('what is refused', () => {
  let core: TestCore

  beforeEach(async () => {
    core = await createTestCore()
  })
  afterEach(async () => {
    expect(core.errors).toEqual([])
    await core.dispose()
  })

  /** Connects nobody. */
  function nobody(address: string): { connection: Connection, transport: FakeTransport } {
    const transport = new FakeTransport()
    return { transport, connection: core.realtime.open({ transport, address }) }
  }
  const flood = (connection: Connection, text: string, count: number): void => {
    for (let n = 0; n < count; n++) core.realtime.receive(connection, text)
  }
  const handled = async (connection: Connection): Promise<void> => {
    do {
      await connection.tail
      await new Promise(resolve => setImmediate(resolve))
    } while (connection.pending > 0)
  }

  it('[CON-10] refusing costs less than sending: what is one too many is not decoded', async () => {
    const { connection, transport } = nobody('a')
    flood(connection, '{"type":"ping"}', BURST)
    flood(connection, 'nonsense', 30)
    await handled(connection)
    const codes = transport.ofType('error').map(({ code }) => code)
    expect(codes).toHaveLength(BURST + 30)
    expect(codes.slice(0, BURST).every(code => code === 'unauthorized')).toBe(true)
    // Decoded, twenty of them would have closed the connection as bad frames.
    expect(codes.slice(BURST).every(code => code === 'rate_limited')).toBe(true)
    expect(transport.closed).toBeUndefined()
  })

  it('[CON-10] a flooder is answered a bounded number of times, closed with 4429, and heard no more', async () => {
    const { connection, transport } = nobody('a')
    flood(connection, '{"type":"ping","id":"p"}', 10_000)
    expect(transport.closed).toMatchObject({ code: 4429, reason: 'flooding' })
    const pending = connection.pending
    flood(connection, '{"type":"ping","id":"p"}', 10_000)
    expect(connection.pending).toBe(pending)
    await handled(connection)
    expect(transport.frames.length).toBeLessThanOrEqual(BURST + LIMITS.floodRefusals + BURST)
  })

  it('[CON-10] a long frame is refused for what it is: few of them are a flood', () => {
    const { connection, transport } = nobody('a')
    const long = `{"type":"ping","t":"${'x'.repeat(60_000)}"}`
    flood(connection, long, 50)
    expect(transport.closed).toMatchObject({ code: 4429 })
  })

  it('[CON-10] ten who flood together are answered no more often than one', async () => {
    const sockets = Array.from({ length: 10 }, () => nobody('a'))
    for (let n = 0; n < 1000; n++) for (const { connection } of sockets) flood(connection, '{"type":"ping"}', 1)
    for (const { connection } of sockets) await handled(connection)
    expect(sockets.every(({ transport }) => transport.closed?.code === 4429)).toBe(true)
    expect(sockets.reduce((sum, { transport }) => sum + transport.frames.length, 0)).toBeLessThan(2 * LIMITS.floodRefusals)
  })

  it('[CON-10] whatever others of its address do, everybody can say who they are', async () => {
    for (let n = 0; n < 5; n++) flood(nobody('a').connection, '{"type":"ping"}', 2000)
    const { connection, transport } = nobody('a')
    core.realtime.receive(connection, '{"type":"auth","token":"of-nobody"}')
    await handled(connection)
    expect(transport.ofType('error')).toMatchObject([{ code: 'unauthorized', message: 'token: is not valid' }])
  })

  it('[CON-10] a new connection renews nothing of what its user may send', async () => {
    const first = await core.connect('ann')
    const outcomes: string[] = []
    for (let n = 0; n < 30; n++) {
      const tab = await core.connect('ann', { userOf: first, peerKey: `tab ${n}` })
      flood(tab.connection, '{"type":"ping","id":"p"}', BURST)
      await handled(tab.connection)
      outcomes.push(...tab.transport.frames.flatMap(frame => frame.type === 'ack' || frame.type === 'error' ? [frame.type] : []))
      core.realtime.closed(tab.connection)
    }
    expect(outcomes.filter(type => type === 'ack')).toHaveLength(10 * BURST)
  })

  it('[CON-10] bytes are counted too, whatever they are the bytes of', async () => {
    const ann = await core.connect('ann')
    const signal = JSON.stringify({ type: 'webrtc-signal', id: 's', room: 'r', to: 'p', signal: 'x'.repeat(48_000) })
    flood(ann.connection, signal, 50)
    await ann.settled()
    const codes = ann.transport.ofType('error').map(({ code }) => code)
    expect(codes.filter(code => code === 'peer_gone')).toHaveLength(Math.floor((BURST * LIMITS.bytesPerFrame + LIMITS.frameBytes) / signal.length))
    expect(codes.at(-1)).toBe('rate_limited')
  })

  it('[CON-10] what only looks like a signal is counted as the frame it is', async () => {
    const ann = await core.connect('ann')
    flood(ann.connection, '{"type":"ping","id":"p","t":"\\"webrtc-signal\\"","x":"webrtc-signal"}', 150)
    await ann.settled()
    expect(ann.transport.ofType('ack')).toHaveLength(BURST)
  })

  it('[FRM-6] a refusal waits for the answers before it, and names its frame', async () => {
    const ann = await core.connect('ann')
    await ann.request({ type: 'join', room: 'lobby' })
    ann.send({ type: 'chat', id: 'slow', room: 'lobby', text: 'x', client_msg_id: 'x' })
    for (let n = 0; n < BURST; n++) ann.send({ type: 'ping', id: `p${n}` })
    await ann.settled()
    const refs = ann.transport.frames.flatMap(frame => 'ref' in frame ? [frame.ref] : []).slice(1)
    expect(refs).toEqual(['slow', ...Array.from({ length: BURST }, (_, n) => `p${n}`)])
    expect(ann.transport.ofType('error')).toMatchObject([{ ref: 'p58', code: 'rate_limited' }, { ref: 'p59' }])
  })
})
