import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createNetworkSimulation } from '../../../../utils/connection/network-simulation'
import type { NetworkSimulation } from '../../../../utils/connection/network-simulation'
import type { TransportName, WireEvents } from '../../../../utils/connection/wire'

let network: NetworkSimulation
let inner: { sent: string[], events: WireEvents, closed: boolean } | undefined
let heard: string[]

function open(transport: TransportName = 'sse') {
  inner = undefined
  return network.wrap(transport, (events) => {
    const wire = { sent: [] as string[], events, closed: false }
    inner = wire
    return { send: text => wire.sent.push(text) > 0, unsent: () => 0, close: () => void (wire.closed = true) }
  })({ frame: frame => heard.push(frame.type), closed: end => heard.push(`closed ${end.code}`) })
}

beforeEach(() => {
  vi.useFakeTimers()
  heard = []
  network = createNetworkSimulation(() => 0.5)
})
afterEach(() => {
  vi.useRealTimers()
})

describe('network-simulation', () => {
  it('does nothing unless told to', () => {
    const wire = open()
    wire.send('a')
    inner!.events.frame({ type: 'pong' }, 1)
    expect([inner!.sent, heard]).toEqual([['a'], ['pong']])
  })

  it('breaks every line at once when offline, and lets none open', () => {
    const wire = open()
    network.set({ offline: true })
    expect([inner!.closed, heard]).toEqual([true, ['closed 1006']])
    open('polling')
    vi.advanceTimersByTime(1)
    expect([inner, heard]).toEqual([undefined, ['closed 1006', 'closed 1006']])
    network.set({ offline: false })
    open()
    expect(inner).toBeDefined()
    wire.close()
  })

  it('blocks WebSockets and nothing else', () => {
    open('websocket')
    network.set({ blocked: true })
    expect(heard).toEqual(['closed 1006'])
    open('websocket')
    expect(inner).toBeUndefined()
    open('sse')
    expect(inner).toBeDefined()
  })

  it('takes 1.5 s each way when slow, in order, also for what comes right after it ends', () => {
    const wire = open()
    network.set({ slow: true })
    wire.send('a')
    inner!.events.frame({ type: 'pong' }, 1)
    vi.advanceTimersByTime(1_000)
    network.set({ slow: false })
    wire.send('b')
    expect([inner!.sent, wire.unsent(), heard]).toEqual([[], 2, []])
    vi.advanceTimersByTime(500)
    expect([inner!.sent, heard]).toEqual([['a', 'b'], ['pong']])
  })

  it('delivers nothing late to a line that was closed', () => {
    network.set({ slow: true })
    const wire = open()
    inner!.events.frame({ type: 'pong' }, 1)
    wire.close()
    vi.advanceTimersByTime(5_000)
    expect(heard).toEqual([])
  })

  it('fails and delays requests too', async () => {
    const ask = network.request(async (value: number) => value * 2)
    expect(await ask(21)).toBe(42)
    network.set({ slow: true })
    const slow = vi.fn()
    void ask(1).then(slow)
    await vi.advanceTimersByTimeAsync(2_900)
    expect(slow).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(200)
    expect(slow).toHaveBeenCalledWith(2)
    network.set({ offline: true })
    await expect(ask(1)).rejects.toThrow('Failed to fetch')
  })
})
