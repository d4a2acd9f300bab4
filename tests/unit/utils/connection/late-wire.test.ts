import { expect, it } from 'vitest'
import { lateWire } from '../../../../utils/connection/late-wire'
import type { OpenWire, WireEnd } from '../../../../utils/connection/wire'

const settled = () => new Promise(resolve => setImmediate(resolve))
function watched() {
  const ends: WireEnd[] = []
  const opened: string[] = []
  const open: OpenWire = () => {
    opened.push('opened')
    return { send: text => opened.push(text) > 0, unsent: () => 7, close: () => void opened.push('closed') }
  }
  return { ends, opened, open, events: { frame: () => undefined, closed: (end: WireEnd) => void ends.push(end) } }
}

it('opens once its code is there, and takes nothing before', async () => {
  const { open, opened, events } = watched()
  const wire = lateWire(async () => open)(events)
  expect([wire.send('early'), wire.unsent()]).toEqual([false, 0])
  await settled()
  expect([wire.send('said'), wire.unsent()]).toEqual([true, 7])
  wire.close()
  expect(opened).toEqual(['opened', 'said', 'closed'])
})

it('one that was closed meanwhile never opens, and says nothing', async () => {
  const { open, opened, ends, events } = watched()
  lateWire(async () => open)(events).close()
  lateWire(async () => Promise.reject(new Error('no server')))(events).close()
  await settled()
  expect([opened, ends]).toEqual([[], []])
})

it('code that does not come is a try that failed, and the next one fetches it again', async () => {
  const { open, opened, ends, events } = watched()
  let tries = 0
  const late = lateWire(async () => {
    if (++tries === 1) throw new Error('no server')
    return open
  })
  late(events)
  await settled()
  expect(ends).toEqual([{ code: 1006, reason: 'not loaded' }])
  late(events)
  await settled()
  expect(opened).toEqual(['opened'])
})
