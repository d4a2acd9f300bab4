import { describe, expect, it } from 'vitest'
import { chosen, join, joins, open, pass, start, world } from '../../../support/connection-world'

describe('useChatConnection falls back', () => {
  it.each([['refuses', 1_000], ['hangs', 4_000], ['dies', 2_000]] as const)('[FLAG-1] to SSE when the WebSocket %s', async (treatment, within) => {
    world.net.treatment.websocket = treatment
    start()
    await pass(within)
    expect(world.chat.transport.value).toBe('sse')
    expect(world.chat.isConnected.value).toBe(true)
    expect(world.switches).toEqual(['websocket → sse: fallback'])
    expect(open()).toEqual(['sse'])
  })

  it('[FLAG-1] to polling when SSE does not come through either', async () => {
    world.net.treatment.websocket = world.net.treatment.sse = 'hangs'
    start()
    await pass(8_000)
    expect(world.chat.transport.value).toBe('polling')
    expect(world.chat.isConnected.value).toBe(true)
  })

  it('[FLAG-1] not when the server is away: it waits, and is back on the WebSocket', async () => {
    world.net.treatment.websocket = world.net.treatment.sse = 'refuses'
    world.net.httpWorks = false
    start()
    await pass(60_000)
    expect([world.chat.transport.value, world.chat.isConnected.value]).toEqual(['websocket', false])
    world.net.treatment.websocket = world.net.treatment.sse = 'works'
    world.net.httpWorks = true
    await pass(20_000)
    expect([world.chat.transport.value, world.chat.isConnected.value]).toEqual(['websocket', true])
    expect(world.switches).toEqual([])
  })

  it('[FLAG-1] within 4 s of losing a WebSocket that cannot come back while HTTP works', async () => {
    start()
    await pass(60_000)
    world.net.treatment.websocket = 'hangs'
    world.net.cut(world.net.open[0]!)
    await pass(4_000)
    expect([world.chat.transport.value, world.chat.isConnected.value]).toEqual(['sse', true])
  })

  it('[CON-7] not when a restarting server sends it away', async () => {
    start()
    await pass(100)
    world.net.deliver(world.net.open[0]!, { type: 'server.closing', retry_in_ms: 3_000 })
    await pass(1)
    world.net.treatment.websocket = 'refuses'
    world.net.cut(world.net.open[0]!, 1012)
    await pass(2_990)
    expect(world.net.wires).toHaveLength(1)
    world.net.treatment.websocket = 'works'
    await pass(100)
    expect([world.chat.transport.value, world.chat.isConnected.value]).toEqual(['websocket', true])
  })

  it('[FLAG-1] never when a transport was asked for', async () => {
    chosen.value = { choice: 'websocket', by: 'query' }
    world.net.treatment.websocket = 'refuses'
    start()
    await pass(60_000)
    expect(new Set(world.net.wires.map(wire => wire.transport))).toEqual(new Set(['websocket']))
  })

  it('[CON-5] nowhere after a final code', async () => {
    start()
    await pass(100)
    world.net.cut(world.net.open[0]!, 4401)
    await pass(60_000)
    expect(world.chat.status.value).toBe('closed')
    expect(world.net.wires).toHaveLength(1)
  })
})

describe('useChatConnection climbs', () => {
  async function onSse() {
    world.net.treatment.websocket = 'refuses'
    start()
    await pass(1_000)
    await join(world.net.open[0]!)
  }

  it('[FLAG-1] back within 60 s of unblocking, without a moment unconnected', async () => {
    await onSse()
    await pass(120_000)
    const statuses: string[] = []
    world.net.treatment.websocket = 'works'
    const end = Date.now() + 60_000
    while (world.chat.transport.value !== 'websocket' && Date.now() < end) {
      await pass(100)
      statuses.push(world.chat.status.value)
    }
    expect(world.chat.transport.value).toBe('websocket')
    expect(new Set(statuses)).toEqual(new Set(['connected']))
    expect(open()).toEqual(['sse', 'websocket'])
    await join(world.net.open[1]!)
    await pass(2_100)
    expect(open()).toEqual(['websocket'])
  })

  it('[FLAG-2] goes on over the old line when the new one breaks before it is done', async () => {
    await onSse()
    world.net.treatment.websocket = 'dies'
    await pass(15_000)
    expect(world.switches.slice(-2)).toEqual(['sse → websocket: climb', 'websocket → sse: return'])
    expect([world.chat.transport.value, world.chat.status.value, open()]).toEqual(['sse', 'connected', ['sse']])
    expect(joins(world.net.open[0]!)).toHaveLength(2)
    expect(world.states.slice(-2)).toEqual(['websocket', 'sse'])
  })

  it('[FLAG-1] rarely to a transport that soon breaks again', async () => {
    await onSse()
    world.net.treatment.websocket = 'works'
    await pass(11_000)
    const climbed = world.net.open.at(-1)!
    await join(climbed)
    await pass(5_000)
    world.net.treatment.websocket = 'refuses'
    world.net.cut(climbed)
    await pass(5_000)
    expect(world.chat.transport.value).toBe('sse')
    world.net.treatment.websocket = 'works'
    await pass(45_000)
    expect(world.chat.transport.value).toBe('sse')
    await pass(15_000)
    expect(world.chat.transport.value).toBe('websocket')
  })

  it('[FLAG-1] tries the next best at once when the best breaks before it is alone', async () => {
    world.net.treatment.websocket = world.net.treatment.sse = 'hangs'
    start()
    await pass(8_000)
    expect(world.chat.transport.value).toBe('polling')
    world.net.treatment.websocket = 'dies'
    world.net.treatment.sse = 'works'
    await pass(12_000)
    expect([world.chat.transport.value, world.chat.isConnected.value]).toEqual(['sse', true])
  })

  it('[FLAG-1] without a penalty for what the network did to all of them', async () => {
    await onSse()
    world.net.treatment.websocket = 'works'
    await pass(11_000)
    await join(world.net.open.at(-1)!)
    await pass(5_000)
    world.net.httpWorks = false
    world.net.treatment.websocket = 'refuses'
    world.net.cut(world.net.open[0]!)
    await pass(10_000)
    world.net.httpWorks = true
    world.net.treatment.websocket = 'works'
    await pass(20_000)
    expect([world.chat.transport.value, world.chat.isConnected.value]).toEqual(['websocket', true])
  })

  it('[CON-8] takes the code of a replaced line for no news when its successor was its own', async () => {
    await onSse()
    world.net.treatment.websocket = 'dies'
    await pass(15_000)
    world.net.treatment.websocket = 'refuses'
    world.net.cut(world.net.open[0]!, 4409)
    await pass(1_000)
    expect([world.chat.transport.value, world.chat.isConnected.value]).toEqual(['sse', true])
    await pass(30_000)
    world.net.cut(world.net.open[0]!, 4409)
    expect(world.chat.status.value).toBe('closed')
  })
})
