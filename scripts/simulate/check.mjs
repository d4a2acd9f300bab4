import { COSTS } from './costs.mjs'
import { nodeSpent } from './model.mjs'
import { startNodes, talk } from './real-nodes.mjs'

/** How far the model may be from what is measured, either way: the machine has other things to do, and costs are of another day. */
export const TOLERANCE = 1.5

/** Loads that the costs were not measured with. */
const LOADS = [
  { name: 'rooms', title: '20 rooms × 10, 40 messages/s', rooms: 20, members: 10, perSecond: 40 },
  { name: 'one', title: 'one room × 100, 20 messages/s', rooms: 1, members: 100, perSecond: 20 },
]

/**
 * Puts small loads on one real node and on two, and compares the processor time of a delivery with what the model says.
 *
 * @returns {Promise<{ title: string, predicted: number, measured: number, ratio: number }[]>} microseconds of all nodes for a delivery
 */
export async function check({ seconds }) {
  const rows = []
  for (const count of [1, 2]) {
    const world = await startNodes(count)
    try {
      for (const load of LOADS) {
        const used = await talk(world, { ...load, seconds })
        const deliveries = used.delivered.reduce((sum, n) => sum + n, 0)
        const all = used.said.reduce((sum, n) => sum + n, 0) / seconds
        const expected = used.nodes.map((_, n) => seconds * nodeSpent(COSTS, {
          said: used.said[n] / seconds,
          heard: all - used.said[n] / seconds,
          // Whoever speaks reads too, which the cost of saying has in it.
          readers: [{ count: load.rooms * load.members / count - used.said[n] / seconds / (load.perSecond / load.rooms), perSecond: load.perSecond / load.rooms }],
        }))
        const predicted = expected.reduce((sum, us) => sum + us, 0) / deliveries
        const measured = used.nodes.reduce((sum, us) => sum + us, 0) / deliveries
        rows.push({ title: `${count} ${count === 1 ? 'node' : 'nodes'}: ${load.title}`, predicted, measured, ratio: measured / predicted })
      }
    } finally {
      await world.stop()
    }
  }
  return rows
}
