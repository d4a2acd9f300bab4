import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLink } from '../../../../utils/call/link'
import type { Link } from '../../../../utils/call/link'
import type { PeerTransport, PeerTransportOptions } from '../../../../utils/call/peer-transport'
import type { CallSignal } from '../../../../utils/call/signal'

let link: Link
beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  link.destroy()
  vi.useRealTimers()
})

/** A link whose signals in both directions are lists. */
function make(self: string, remote: string) {
  const sent: CallSignal[] = []
  const built: { options: PeerTransportOptions, got: unknown[], destroyed: boolean }[] = []
  link = createLink({
    self,
    remote,
    session: 'mine',
    iceServers: () => [],
    canSignal: () => true,
    sendSignal: signal => sent.push(signal) > 0,
    onChange: () => undefined,
    onConnected: () => undefined,
    onData: () => undefined,
    createTransport(options) {
      const one = { options, got: [] as unknown[], destroyed: false }
      built.push(one)
      const transport: Partial<PeerTransport> = {
        signal: data => void one.got.push(data.n ?? data.type),
        isClosed: () => false,
        trace: () => ({ answered: false, turnConfigured: false, relayed: false, serverError: false }),
        destroy: () => { one.destroyed = true },
        setTrack: () => undefined,
      }
      return transport as PeerTransport
    },
  })
  link.start()
  return { sent, built }
}
const rtc = (gen: number, data: Record<string, unknown>, from = 's1', to = 'mine'): CallSignal => ({ k: 'rtc', from, to, gen, data })

describe('the side that answers', () => {
  it('takes the newest generation only', () => {
    const { built } = make('b', 'a')
    link.receive(rtc(1, { type: 'offer' }))
    link.receive(rtc(1, { n: 1 }))
    link.receive(rtc(2, { n: 'early candidate' }))
    link.receive(rtc(2, { type: 'offer' }))
    link.receive(rtc(1, { n: 'late candidate' }))
    link.receive(rtc(1, { type: 'offer' }))
    link.receive(rtc(2, { n: 2 }))
    expect(built.map(one => one.got)).toEqual([['offer', 1], ['offer', 2]])
    expect(built.map(one => one.destroyed)).toEqual([true, false])
  })

  it('takes nothing that is meant for an earlier page load of its own', () => {
    const { built, sent } = make('b', 'a')
    sent.length = 0
    link.receive(rtc(1, { type: 'offer' }, 's1', 'before'))
    link.receive({ k: 'hello', from: 's1', to: 'before', dead: 0 })
    expect([built, sent]).toEqual([[], []])
  })

  it('starts over with a newer page load of the other, and hears no more of the earlier one', () => {
    const { built } = make('b', 'a')
    link.receive(rtc(5, { type: 'offer' }, 's1'))
    link.receive(rtc(1, { type: 'offer' }, 's2'))
    link.receive(rtc(6, { type: 'offer' }, 's1'))
    expect(built.map(one => one.destroyed)).toEqual([true, false])
    expect(link.remoteSession).toBe('s2')
  })

  it('asks again for an offer that does not come', () => {
    const { sent } = make('b', 'a')
    vi.advanceTimersByTime(10_000)
    expect(sent.length).toBeGreaterThan(2)
    expect(sent.every(signal => signal.k === 'hello')).toBe(true)
  })
})

describe('the side that offers', () => {
  it('waits for a hello, and takes answers of its present generation only', () => {
    const { built } = make('a', 'b')
    expect(built).toHaveLength(0)
    link.receive({ k: 'hello', from: 's1', dead: 0 })
    built[0]?.options.events.onClosed()
    vi.advanceTimersByTime(1)
    link.receive(rtc(1, { n: 'late answer' }))
    link.receive(rtc(2, { n: 'from nobody' }, 's0'))
    link.receive(rtc(2, { n: 'answer' }))
    expect(built.map(one => one.got)).toEqual([[], ['answer']])
  })

  it('builds once for two hellos that cross', () => {
    const { built } = make('a', 'b')
    link.receive({ k: 'hello', from: 's1', dead: 0 })
    link.receive({ k: 'hello', from: 's1', to: 'mine', dead: 0 })
    expect(built).toHaveLength(1)
  })

  it('rebuilds when the other finds the present generation dead', () => {
    const { built } = make('a', 'b')
    link.receive({ k: 'hello', from: 's1', dead: 0 })
    built[0]?.options.events.onConnected()
    link.receive({ k: 'hello', from: 's1', to: 'mine', dead: 1 })
    expect(built.map(one => one.destroyed)).toEqual([true, false])
  })

  it('keeps a connected generation when the other speaks of an earlier one', () => {
    const { built } = make('a', 'b')
    link.receive({ k: 'hello', from: 's1', dead: 0 })
    built[0]?.options.events.onConnected()
    vi.advanceTimersByTime(10_000)
    link.receive({ k: 'hello', from: 's1', to: 'mine', dead: 0 })
    expect(built).toHaveLength(1)
  })
})
