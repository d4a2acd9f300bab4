import { expect, it } from 'vitest'
import { bends, exponent, growthTable } from '../../../bench/growth/bends.mjs'
import { apart, picture, ticksBetween } from '../../../bench/growth/picture.mjs'

const family = (key: string, power: 0 | 1, values: number[]) => ({
  key,
  title: `Family <${key}>`,
  axis: 'things',
  curves: [{ key: 'cost', title: `cost of ${key}`, unit: 'ms', of: ['cost', 'costP99'], power }],
  points: values.map((cost, n) => ({ size: 100 * 4 ** n, figures: { cost, costP99: cost * 3 } })),
})

const flat = family('flat', 0, [2, 2.1, 2])
const line = family('line', 1, [1, 4, 16])
const scan = family('scan', 0, [1, 4, 16])

it('reads the power a curve grows by off its points', () => {
  expect(exponent([[1, 3], [4, 12], [16, 48]])).toBeCloseTo(1)
  expect(exponent([[1, 3], [4, 3], [16, 3]])).toBeCloseTo(0)
  expect(exponent([[1, 1], [10, 100]])).toBeCloseTo(2)
})

it('names what grows beyond its kind, and not what may grow', () => {
  const { curves, sentence } = bends([flat, line, scan])
  expect(curves[0]?.family.key).toBe('scan')
  expect(sentence).toContain('What bends first: cost of scan')
  expect(sentence).not.toContain('cost of line')
  expect(bends([flat, line]).sentence).toContain('Nothing bends')
})

it('names what was not answered before all else, and does not take where it was cut off for a level line', () => {
  const cut = family('cut', 0, [15_000, 15_000, 15_000])
  const points = cut.points.map(({ size, figures }) => ({ size, figures: { ...figures, costGaveUp: 1 } }))
  const { sentence } = bends([scan, { ...cut, points }])
  expect(sentence).toContain('What bends first: cost of cut with family <cut> (not answered in time from 100 on)')
  expect(growthTable([{ ...cut, points }])).toContain('| not in 15,000 | not in 15,000 | not in 15,000 | no end seen |')
  expect(picture({ ...cut, points }, '2026-01-01')).toContain('unanswered')
  expect(picture({ ...cut, points }, '2026-01-01')).not.toMatch(/Infinity|NaN/)
})

it('writes each size and the growth of each curve into its table', () => {
  expect(growthTable([scan])).toContain('| cost of scan, ms, p50 / p99 | 1.00 / 3.00 | 4.00 / 12.0 | 16.0 / 48.0 | × 16.0 |')
})

it('draws curves whose figures can be read without seeing them', () => {
  const svg = picture(scan, '2026-01-01')
  expect(svg).toMatch(/^<svg [^>]*role="img" aria-labelledby="title desc"/)
  expect(svg).toContain('<title id="title">Family &lt;scan&gt;</title>')
  expect(svg).toContain('cost of scan: 1 ms, 4 ms, 16 ms.')
  expect(svg).not.toMatch(/NaN|undefined|Infinity/)
})

it('puts labels as near to their lines as those beside them allow, and within the picture', () => {
  expect(apart([10, 12, 50], 15, 100)).toEqual([10, 25, 50])
  expect(apart([98, 99], 15, 100)).toEqual([85, 100])
})

it('has ticks below and above all values', () => {
  expect(ticksBetween(3, 40)).toEqual([2, 5, 10, 20, 50])
  expect(ticksBetween(0.1, 0.1)).toEqual([0.1])
})
