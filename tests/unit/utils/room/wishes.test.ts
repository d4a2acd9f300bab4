import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createWishes } from '../../../../utils/room/wishes'

describe('a toggle', () => {
  it('ends as it was wished last, however often it is switched and however late the answers come', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.record({ value: fc.boolean(), turns: fc.nat(4) }), { minLength: 1, maxLength: 12 }), fc.nat(6), async (steps, slow) => {
      let granted: boolean | undefined
      let atOnce = 0
      const shown = new Map<string, boolean | undefined>()
      const { wish } = createWishes<boolean>((key, value) => shown.set(key, value))
      const send = async (value: boolean) => {
        expect(++atOnce).toBe(1)
        for (let turn = 0; turn < slow; turn++) await Promise.resolve()
        granted = value
        atOnce--
        return true
      }
      const all: Promise<boolean>[] = []
      for (const { value, turns } of steps) {
        all.push(wish('lamp', value, send))
        expect(shown.get('lamp')).toBe(value)
        for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      }
      expect(await Promise.all(all)).not.toContain(false)
      expect(granted).toBe(steps.at(-1)?.value)
      expect(shown.get('lamp')).toBeUndefined()
    }))
  })

  it('shows what is so again when it was refused', async () => {
    const shown: (boolean | undefined)[] = []
    const { wish } = createWishes<boolean>((_, value) => shown.push(value))
    expect(await wish('lamp', true, () => Promise.reject(new Error('no')))).toBe(false)
    expect(shown).toEqual([true, undefined])
  })
})
