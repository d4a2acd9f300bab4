import { expect, test } from 'vitest'
import { spent } from '../../../scripts/simulate/model.mjs'
import { holds, load, needs } from '../../../scripts/simulate/needs.mjs'
import { roomsOf } from '../../../scripts/simulate/population.mjs'

test('what is measured at two rates is what the model says there, one costs less where many come, and all together never less than fewer', () => {
  const cost = { few: 300, many: 30, at: [50, 800] as [number, number] }
  expect(spent(cost, 50)).toBeCloseTo(50 * 300)
  expect(spent(cost, 800)).toBeCloseTo(800 * 30)
  const rates = [1, 50, 100, 400, 800, 5000]
  const all = rates.map(rate => spent(cost, rate))
  expect(all).toEqual(all.toSorted((a, b) => a - b))
})

test.each([10_000, 1_000_000, 10_000_000])('every one of %i connections sits in a room', (connections) => {
  const seated = roomsOf(connections).reduce((sum, { count, members }) => sum + count * members, 0)
  expect(seated / connections).toBeCloseTo(1, 6)
})

test('more connections never need fewer nodes, and no step makes it worse', () => {
  const sizes = [1000, 10_000, 50_000, 100_000, 1_000_000]
  for (const steps of [{}, { digests: true, byRoom: true }]) {
    const nodes = sizes.map(size => needs(size, steps).nodes)
    expect(nodes).toEqual(nodes.toSorted((a, b) => a - b))
  }
  for (const size of sizes) if (holds(size)) expect(needs(size, { digests: true, byRoom: true }).nodes).toBeLessThanOrEqual(needs(size).nodes)
})

test('a single node tells nobody and hears nobody', () => {
  expect(load(1000, 1, {})).toMatchObject({ redis: 0, node: { 'hearing other nodes': 0 } })
})
