import { describe, expect, it } from 'vitest'
import { callTime } from '../../../../utils/call/clock'
import { parseDataMessage } from '../../../../utils/call/data-message'
import { cornerByKey, CORNERS, floatingBoxes, nearestCorner, nextCorner } from '../../../../utils/call/floating'
import { arrange } from '../../../../utils/call/layout'

const STAGES = [[1424, 760], [1000, 640], [828, 290], [374, 640], [304, 400], [344, 80], [120, 900]] as const

describe('one\'s own picture over the other\'s', () => {
  it.each(STAGES)('stands within a stage of %i×%i in every corner, and leaves most of the other to be seen', (width, height) => {
    for (const corner of CORNERS) {
      const { other, own } = floatingBoxes({ width, height }, corner)
      for (const box of [other, own]) {
        expect(box.left).toBeGreaterThanOrEqual(0)
        expect(box.top).toBeGreaterThanOrEqual(0)
        expect(box.left + box.width).toBeLessThanOrEqual(width)
        expect(box.top + box.height).toBeLessThanOrEqual(height)
      }
      expect(own.width * own.height).toBeLessThan(other.width * other.height / 4)
      expect(nearestCorner({ width, height }, { x: own.left + own.width / 2, y: own.top + own.height / 2 })).toBe(corner)
    }
  })

  it('goes round all corners by a press, and to each by arrow keys', () => {
    expect(CORNERS.map(nextCorner)).toEqual(['top-right', 'bottom-right', 'bottom-left', 'top-left'])
    expect(['ArrowLeft', 'ArrowUp', 'ArrowRight', 'ArrowDown', 'Enter'].map(key => cornerByKey('bottom-right', key)))
      .toEqual(['bottom-left', 'top-right', 'bottom-right', 'bottom-right', undefined])
  })
})

describe('a shared screen', () => {
  it.each([[1424, 772], [1264, 592], [1008, 640], [640, 640]])('has most of a stage of %i×%i, wherever the others stand', (width, height) => {
    const screen = arrange({ keys: ['s', 'a', 'b'], focus: 's', width, height }).get('s')
    const seen = Math.min(screen?.width ?? 0, (screen?.height ?? 0) * 16 / 9)
    const possible = Math.min(width, height * 16 / 9)
    expect(seen / possible).toBeGreaterThan(0.84)
  })
})

describe('reactions', () => {
  it('are read from others only where they are one of those that are offered', () => {
    expect(parseDataMessage('{"t":"reaction","emoji":"\u{1F44D}"}')).toEqual({ t: 'reaction', emoji: '\u{1F44D}' })
    for (const emoji of ['"<b>"', '"\u{1F4A9}"', '7', 'null']) expect(parseDataMessage(`{"t":"reaction","emoji":${emoji}}`)).toBeUndefined()
  })
})

describe('the call\'s clock', () => {
  it.each([[0, '0:00'], [7_900, '0:07'], [723_000, '12:03'], [3_723_000, '1:02:03'], [-5, '0:00']])('shows %i ms as %s', (ms, shown) => {
    expect(callTime(ms)).toBe(shown)
  })
})
