import { flat, spent } from './model.mjs'
import { comeAndGo, pings, rest, startNodes, talk } from './real-nodes.mjs'

const REST_S = 5
/** Messages a second: few, which each come alone, and many, which share what there is to share. */
const RATES = { rooms: [50, 800], crowd: [10, 200] }
const CROWD = 100

/**
 * Measures the costs the model is made of, on one node and on two.
 *
 * @param {{ seconds: number }} scale
 * @returns {Promise<Record<string, import('./model.mjs').Cost>>} microseconds of a processor
 */
export async function measureCosts({ seconds }) {
  const one = await startNodes(1)
  const quiet = await rest(one, REST_S)
  const still = { node: quiet.nodes[0] / REST_S, redis: quiet.redis / REST_S, postgres: quiet.postgres / REST_S }
  const rate = (/** @type {number} */ us, /** @type {number} */ idle) => Math.max(0, us / seconds - idle)
  // People alone in their rooms, whose words go to themselves.
  const alone = []
  for (const perSecond of RATES.rooms) {
    const used = await talk(one, { rooms: 50, members: 1, perSecond, seconds, name: `alone-${perSecond}` })
    alone.push({ perSecond, node: rate(used.nodes[0], still.node), redis: rate(used.redis, still.redis), postgres: rate(used.postgres, still.postgres) })
  }
  const said = fitted(alone, 'node')
  const crowd = []
  for (const perSecond of RATES.crowd) {
    const used = await talk(one, { rooms: 1, members: CROWD, perSecond, seconds, name: `crowd-${perSecond}` })
    const ofSaying = spent(said, perSecond)
    crowd.push({ perSecond, node: Math.max(0, rate(used.nodes[0], still.node) - ofSaying) / (CROWD - 1) })
  }
  const { ping } = await pings(one, { times: 500 })
  const { join } = await comeAndGo(one, { times: 200 })
  await one.stop()
  const two = await startNodes(2)
  const told = []
  for (const perSecond of RATES.rooms) {
    const used = await talk(two, { rooms: 50, members: 1, perSecond, seconds, membersOn: [0], name: `told-${perSecond}` })
    const before = alone.find(each => each.perSecond === perSecond)
    told.push({ perSecond, node: rate(used.nodes[1], still.node), redis: Math.max(0, rate(used.redis, still.redis) - (before?.redis ?? 0)) })
  }
  await two.stop()
  return {
    idle: flat(still.node), said, write: fitted(crowd, 'node'), heard: fitted(told, 'node'),
    publish: fitted(alone, 'redis'), passOn: fitted(told, 'redis'), commit: fitted(alone, 'postgres'),
    ping: flat(ping), join: flat(join),
  }
}

/**
 * @param {Record<string, number>[]} points microseconds a second at two rates
 * @param {string} of whose
 * @returns {import('./model.mjs').Cost}
 */
function fitted([few, many], of) {
  return { few: few[of] / few.perSecond, many: many[of] / many.perSecond, at: [few.perSecond, many.perSecond] }
}
