import { expect, test } from 'vitest'
import { Outbox } from '../../../../server/realtime/outbox'
import { OutgoingFrame } from '../../../../server/realtime/outgoing'
import { FakeTransport } from '../../../support/fake-transport'

/** Bytes a chunk of a stream is wrapped in. */
const WRAPPING = 8

test('[BP-1] one to whom is written all the while, and who takes nothing for 10 s, is given up', () => {
  const transport = new FakeTransport()
  transport.stalled = true
  const outbox = new Outbox(transport, () => undefined)
  const verdicts: unknown[] = []
  for (let now = 0; now <= 11_000; now += 500) {
    outbox.push(new OutgoingFrame({ type: 'pong', t: now }))
    outbox.flush()
    transport.bufferedBytes += WRAPPING
    verdicts.push(outbox.check(now))
  }
  expect(verdicts.indexOf('no progress')).toBeGreaterThanOrEqual(20)
  expect(verdicts.slice(0, 20).every(verdict => verdict === undefined)).toBe(true)
})

test('[BP-1] one who takes a little again and again is not', () => {
  const transport = new FakeTransport()
  transport.stalled = true
  const outbox = new Outbox(transport, () => undefined)
  outbox.push(new OutgoingFrame({ type: 'pong', t: 'x'.repeat(50_000) }))
  outbox.flush()
  for (let now = 0; now <= 60_000; now += 500) {
    if (now % 9_000 === 0) transport.bufferedBytes -= 100
    expect(outbox.check(now)).toBeUndefined()
  }
})
