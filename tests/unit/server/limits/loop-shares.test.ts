import { describe, expect, it } from 'vitest'
import { LoopShares } from '../../../../server/limits/loop-shares'

/** Shares of three and, in all, of five units a turn; turns come by hand. */
function world() {
  const turns: (() => void)[] = []
  const shares = new LoopShares({ perKey: 3, inAll: 5 }, turn => turns.push(turn))
  const done: string[] = []
  return {
    shares,
    ask: (key: string, count: number, cost = 1): void => {
      for (let n = 0; n < count; n++) shares.run(key, cost, () => done.push(`${key}${n}`))
    },
    turn: (): void => turns.shift()?.(),
    /** What was begun since the last look. */
    begun: (): string => done.splice(0).join(' '),
    waits: (): boolean => turns.length > 0,
  }
}

describe('whose turn it is', () => {
  it('what is little begins at once', () => {
    const { ask, begun } = world()
    ask('a', 3)
    expect(begun()).toBe('a0 a1 a2')
  })

  it('[CON-13] a flood waits for its next turn, in order, and whoever comes meanwhile does not wait for it', () => {
    const { ask, begun, turn } = world()
    ask('flood', 100)
    expect(begun()).toBe('flood0 flood1 flood2')
    ask('a', 1)
    expect(begun()).toBe('a0')
    turn()
    expect(begun()).toBe('flood3 flood4 flood5')
    ask('flood', 1)
    ask('a', 1)
    expect(begun()).toBe('a0')
  })

  it('[CON-13] many floods take turns, and nobody is passed over', () => {
    const { ask, begun, turn } = world()
    for (const key of ['a', 'b', 'c']) ask(key, 10)
    expect(begun()).toBe('a0 a1 a2 b0 b1')
    turn()
    expect(begun()).toBe('a3 a4 a5 b2 b3')
    turn()
    expect(begun()).toBe('c0 c1 c2 a6 a7')
  })

  it('what is done takes a turn of its own where it costs more than there is, and everything is done in the end', () => {
    const { ask, begun, turn, waits } = world()
    ask('long', 3, 10)
    expect(begun()).toBe('long0')
    turn()
    expect(begun()).toBe('long1')
    while (waits()) turn()
    expect(begun()).toBe('long2')
  })
})
