import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arrange, bestTiling, tileRatio } from '../../../../utils/call/layout'

const keysOf = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`)

describe('bestTiling', () => {
  it.each([
    [1, 1600, 900, 1], [2, 1600, 500, 2], [2, 500, 900, 1], [4, 1600, 900, 2], [6, 1600, 900, 3], [6, 390, 500, 2],
  ])('lays %i tiles out in %i × %i as %i columns', (count, width, height, columns) => {
    expect(bestTiling(count, width, height).columns).toBe(columns)
  })

  it('has no size where there is no room', () => {
    expect(bestTiling(3, 0, 0)).toMatchObject({ width: 0, height: 0 })
    expect(bestTiling(0, 800, 600)).toMatchObject({ width: 0 })
  })

  it('never does worse than any number of columns', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 100, max: 3000 }), fc.integer({ min: 100, max: 2000 }), (count, width, height) => {
      const best = bestTiling(count, width, height)
      for (let columns = 1; columns <= count; columns++) {
        const rows = Math.ceil(count / columns)
        const fits = Math.floor(Math.min((width - 8 * (columns - 1)) / columns, (height - 8 * (rows - 1)) / rows * 16 / 9))
        expect(best.width).toBeGreaterThanOrEqual(fits)
      }
    }))
  })
})

describe('tileRatio', () => {
  it('is wide on a desktop', () => expect(tileRatio(3, 1000, 700)).toBeCloseTo(16 / 9))
  it('lets two people fill an upright phone', () => expect(tileRatio(1, 390, 640)).toBeLessThan(1))
})

describe('arrange', () => {
  it('keeps every tile within the stage and apart from the others, with and without focus', () => {
    fc.assert(fc.property(
      fc.integer({ min: 1, max: 12 }), fc.integer({ min: 320, max: 3000 }), fc.integer({ min: 320, max: 2000 }), fc.boolean(),
      (count, width, height, focused) => {
        const keys = keysOf(count)
        const boxes = [...arrange({ keys, focus: focused ? 'p0' : undefined, focusRatio: 4 / 3, width, height }).values()]
        expect(boxes).toHaveLength(count)
        for (const [index, box] of boxes.entries()) {
          expect(box.left).toBeGreaterThanOrEqual(0)
          expect(box.top).toBeGreaterThanOrEqual(0)
          expect(box.left + box.width).toBeLessThanOrEqual(width)
          expect(box.top + box.height).toBeLessThanOrEqual(height)
          for (const other of boxes.slice(index + 1)) {
            const apart = box.left + box.width <= other.left || other.left + other.width <= box.left
              || box.top + box.height <= other.top || other.top + other.height <= box.top
            expect(apart).toBe(true)
          }
        }
      }))
  })

  it('gives the focus most of the stage', () => {
    const boxes = arrange({ keys: keysOf(4), focus: 'p2', width: 1200, height: 700 })
    const area = (key: string) => (boxes.get(key)?.width ?? 0) * (boxes.get(key)?.height ?? 0)
    expect(area('p2')).toBeGreaterThan(1200 * 700 * 0.7)
    expect(area('p2')).toBeGreaterThan(5 * area('p0'))
  })

  it('does not cut a face narrower than asked', () => {
    const box = arrange({ keys: keysOf(4), focus: 'p0', focusRatio: 4 / 3, width: 900, height: 860 }).get('p0')
    expect((box?.width ?? 0) / (box?.height ?? 1)).toBeGreaterThanOrEqual(4 / 3)
  })

  it('falls back to the grid when the focus is gone', () => {
    expect(arrange({ keys: keysOf(3), focus: 'nobody', width: 900, height: 600 })).toEqual(arrange({ keys: keysOf(3), width: 900, height: 600 }))
  })
})
