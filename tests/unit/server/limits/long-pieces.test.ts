import { expect, it } from 'vitest'
import { LongPieces } from '../../../../server/limits/long-pieces'

it('[CON-13] long pieces of work begin one in a round, in the order they were asked for', async () => {
  const rounds: (() => void)[] = []
  const pieces = new LongPieces({ now: () => 0, next: round => rounds.push(round) })
  const settle = () => new Promise<void>(resolve => setImmediate(resolve))
  const begun: number[] = []
  const ask = async (n: number) => {
    await pieces.turn()
    begun.push(n)
  }
  for (const n of [1, 2, 3]) void ask(n)
  await settle()
  expect(begun).toEqual([1])
  for (const round of [[1, 2], [1, 2, 3], [1, 2, 3]]) {
    rounds.splice(0).forEach(go => go())
    await settle()
    expect(begun).toEqual(round)
  }
  expect(rounds).toEqual([])
  expect(pieces.turn()).toBeUndefined()
})
