import { describe, expect, it } from 'vitest'
import { KeptStreams } from '../../../../server/agents/kept-streams'
import type { AgentStream } from '../../../../server/agents/agent-stream'
import { placesOf } from '../../../../server/ai/places'
import { newestWithin } from '../../../../server/ai/reading'
import { SharedBudget } from '../../../../server/ai/shares'
import type { Taker } from '../../../../server/ai/shares'
import { SHIPPED } from '../../../../server/ai/persona'
import { Turns } from '../../../../server/ai/turns'
import type { Message } from '../../../../shared/protocol/frames'

const HOUR_MS = 3_600_000
const taker = (userId: string, roomId = `room of ${userId}`, address?: string): Taker => ({ userId, roomId, ...(address !== undefined && { address }) })

/** Takes as much as it is let have, in small pieces. */
function drain(budget: SharedBudget, size: number, who: Taker): number {
  let got = 0
  for (; budget.wait(who, size, 0) === 0; got += 10) budget.spend(who, 10, 0)
  return got
}

describe('a shared quota has shares', () => {
  it('[AGT-13] one person alone leaves half of a budget to the others, in whatever rooms', () => {
    const budget = new SharedBudget(0)
    expect(drain(budget, 1000, taker('eve'))).toBe(500)
    expect(budget.wait(taker('eve', 'another room'), 1000, 0)).toBe(HOUR_MS)
    expect(drain(budget, 1000, taker('ann'))).toBe(130)
    expect(budget.wait(taker('bob'), 1000, 0)).toBe(0)
  })

  it('[AGT-13] many guests of one address leave what is beyond its share, and so does one room', () => {
    for (const of of [{ address: 'a', room: undefined }, { address: undefined, room: 'r' }]) {
      const budget = new SharedBudget(0)
      for (let n = 0; n < 50; n++) drain(budget, 1000, taker(`guest${n}`, of.room ?? `room${n}`, of.address))
      expect(budget.used(0)).toBeLessThanOrEqual(520)
      expect(drain(budget, 1000, taker('ann', 'elsewhere', 'b'))).toBeGreaterThan(100)
    }
  })

  it('is whole again after an hour, and takes back what was counted too much', () => {
    const budget = new SharedBudget(0)
    budget.spend(taker('eve'), 600, 0)
    budget.spend(taker('eve'), -590, 0)
    expect(budget.used(0)).toBe(10)
    drain(budget, 1000, taker('eve'))
    expect(budget.wait(taker('eve'), 1000, HOUR_MS)).toBe(0)
    expect(budget.used(HOUR_MS)).toBe(0)
  })

  it('[AGT-13] one person takes not all of a bot\'s rate in a room', () => {
    const turns = new Turns()
    const host = { ...SHIPPED[0]!, answersPerMinute: 12 }
    const ask = (userId: string): boolean => turns.takeAnswer('main', taker(userId, 'r'), host, 0) === 0
    expect(Array.from({ length: 20 }, () => ask('eve')).filter(Boolean)).toHaveLength(10)
    expect(Array.from({ length: 20 }, () => ask('ann')).filter(Boolean)).toHaveLength(2)
  })

  it('counts the places that somebody shares with others', () => {
    const taken = [taker('eve', 'r', 'a'), taker('eve', 's', 'a'), taker('ann', 'r', 'b'), taker('bob', 't')]
    expect(placesOf(taken, taker('eve', 'r', 'a'))).toEqual({ all: 4, room: 2, user: 2, address: 2 })
    expect(placesOf(taken, taker('new', 'new'))).toEqual({ all: 4, room: 0, user: 0, address: 0 })
  })

  it('answers that can still be read are pushed out by those of whoever has most', () => {
    const kept = new KeptStreams({ count: 100, bytes: 1000 })
    const stream = (userId: string, bytes: number) => ({ owner: { userId }, bytes }) as AgentStream
    const anns = stream('ann', 100)
    expect(kept.add(anns)).toEqual([])
    const gone = Array.from({ length: 20 }, () => kept.add(stream('eve', 90))).flat()
    expect(gone).toHaveLength(10)
    expect(gone).not.toContain(anns)
  })
})

it('[AGT-9] an engine is sent the newest messages that fit, and the newest whatever its length', () => {
  const said = (text: string): Message => ({ content: { text } }) as Message
  const long = Array.from({ length: 50 }, (_, n) => said(`${n} ${'x'.repeat(16_000)}`))
  const read = newestWithin(long, 64 * 1024)
  expect(read).toHaveLength(4)
  expect(read.at(-1)).toBe(long.at(-1))
  expect(newestWithin(long, 10)).toEqual([long.at(-1)])
  const short = Array.from({ length: 50 }, (_, n) => said(`${n}`))
  expect(newestWithin(short, 64 * 1024)).toBe(short)
  expect(newestWithin([], 10)).toEqual([])
})
