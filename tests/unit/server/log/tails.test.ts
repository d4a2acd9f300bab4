import { expect, it } from 'vitest'
import { RoomTails } from '../../../../server/log/tails'
import type { Entry } from '../../../../shared/protocol/frames'

const message = (seq: number, text: string): Entry => ({
  type: 'message.new', room: 'r', seq, messageId: `m${seq}`, userId: 'u', userName: 'Ann',
  content: { text, type: 'user', actor_type: 'client', format: 'markdown' }, timestamp: '2026-01-01T00:00:00.000Z', metadata: {},
})
const MOST = 100_000

function tails(text: string): { tails: RoomTails, reads: string[] } {
  const reads: string[] = []
  return { reads, tails: new RoomTails(async (roomId) => {
    reads.push(roomId)
    return { entries: [message(1, text)], epoch: 'e', head: 1, floor: 0 }
  }, MOST) }
}

it('caches are bounded by what they take, not by their number: rooms of long messages give way to each other', async () => {
  const long = tails('x'.repeat(10_000))
  for (let n = 0; n < 50; n++) await long.tails.get(`r${n}`)
  expect(long.tails.bytes).toBeLessThanOrEqual(MOST)
  expect(long.tails.bytes).toBeGreaterThan(0)
  await long.tails.get('r49')
  expect(long.reads.filter(room => room === 'r49')).toHaveLength(1)
  await long.tails.get('r0')
  expect(long.reads.filter(room => room === 'r0')).toHaveLength(2)
  const short = tails('x')
  for (let n = 0; n < 50; n++) await short.tails.get(`r${n}`)
  for (let n = 0; n < 50; n++) await short.tails.get(`r${n}`)
  expect(short.reads).toHaveLength(50)
})

it('what is said, changed and cleared in a room is counted for what it leaves in memory', async () => {
  const { tails: held } = tails('first')
  await held.get('a')
  const before = held.bytes
  for (let seq = 2; seq <= 6; seq++) held.apply('a', [message(seq, 'x'.repeat(8000))])
  expect(held.bytes).toBeGreaterThan(before + 5 * 8000)
  held.apply('a', [{ type: 'clear', room: 'a', seq: 7, userId: 'u', floor_seq: 6, timestamp: '2026-01-01T00:00:00.000Z' } as Entry])
  expect(held.bytes).toBeLessThan(2 * before)
  held.apply('a', [message(9, 'after a gap')])
  expect(held.bytes).toBe(0)
})

it('one room that is too long for the memory of all is read anew each time, and is no leak', async () => {
  const { tails: held, reads } = tails('x'.repeat(MOST))
  expect((await held.get('a')).head).toBe(1)
  expect((await held.get('a')).head).toBe(1)
  expect(reads).toEqual(['a', 'a'])
  expect(held.bytes).toBe(0)
})
