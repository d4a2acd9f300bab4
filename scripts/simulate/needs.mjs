import { COSTS, MEMORY } from './costs.mjs'
import { spent } from './model.mjs'
import { ASSUMED, roomsOf } from './population.mjs'

/** Of a processor, so that there is room for a moment that is worse, and for a node that is gone. */
const FULL_US = 0.7e6
/** Connections of one node: below the outgoing ports of a proxy to one address. */
const MOST_CONNECTIONS = 28_000
const MOST_NODES = 20_000
/** Processors of one PostgreSQL. */
const DATABASE_CORES = 16

/**
 * Steps that are not built: `byRoom` nodes hear the rooms they have, over as many Redis as needed; `databases` rooms by hash over databases;
 * `digests` above a thousand members presence is told once a second, as a number.
 *
 * @typedef {{ byRoom?: boolean, databases?: boolean, digests?: boolean }} Steps
 */

const DIGEST_FROM = 1000

/** @param {ReturnType<typeof roomsOf>[number]} room @param {Steps} steps */
function presenceOf({ members }, { digests }) {
  const each = 2 * members / ASSUMED.visitS
  return digests && members > DIGEST_FROM ? Math.min(1, each) : each
}

/** How many of so many nodes have one of so many members. @param {number} nodes @param {number} members */
const spread = (nodes, members) => nodes * -Math.expm1(members * Math.log1p(-1 / nodes))

/**
 * What so many nodes use: microseconds a second of each node by what it does, of Redis and of PostgreSQL in all.
 *
 * @param {number} connections
 * @param {number} nodes
 * @param {Steps} steps
 */
export function load(connections, nodes, steps) {
  const rooms = roomsOf(connections)
  const sum = (/** @type {(room: ReturnType<typeof roomsOf>[number]) => number} */ of) => rooms.reduce((total, room) => total + room.count * of(room), 0)
  const said = sum(room => room.perSecond)
  const changes = sum(room => presenceOf(room, steps))
  const elsewhere = (/** @type {ReturnType<typeof roomsOf>[number]} */ room) => steps.byRoom ? (nodes === 1 ? 0 : spread(nodes, room.members) - 1) : nodes - 1
  const passedOn = nodes === 1 ? 0 : sum(room => (room.perSecond + presenceOf(room, steps)) * elsewhere(room))
  const writes = sum(room => room.members * spent(COSTS.write, room.perSecond))
  const withPresence = sum(room => room.members * spent(COSTS.write, room.perSecond + presenceOf(room, steps)))
  const node = {
    'idling': COSTS.idle.few,
    'committing': spent(COSTS.said, said / nodes),
    'writing messages': writes / nodes,
    'telling who comes and goes': (withPresence - writes) / nodes,
    'letting people in': spent(COSTS.join, connections / ASSUMED.visitS / nodes),
    'answering pings': spent(COSTS.ping, connections / ASSUMED.pingS / nodes),
    'hearing other nodes': spent(COSTS.heard, passedOn / nodes),
  }
  return {
    rooms: sum(() => 1), said, changes, deliveries: sum(room => room.members * room.perSecond), node,
    redis: nodes === 1 ? 0 : spent(COSTS.publish, said + changes) + spent(COSTS.passOn, passedOn),
    postgres: spent(COSTS.commit, said),
  }
}

const total = (/** @type {Record<string, number>} */ node) => Object.values(node).reduce((sum, us) => sum + us, 0)
const most = (/** @type {Record<string, number>} */ node) => Object.entries(node).toSorted((a, b) => b[1] - a[1])[0]?.[0]

/** @param {number} connections @param {Steps} [steps] */
export const holds = (connections, steps) => needs(connections, steps).bends.length === 0

/**
 * The fewest nodes that carry so many connections, and what else they need. `nodes` is Infinity where no number of them does.
 *
 * @param {number} connections
 * @param {Steps} steps
 */
export function needs(connections, steps = {}) {
  const fits = (/** @type {number} */ nodes) => total(load(connections, nodes, steps).node) <= FULL_US
  let [low, high] = [Math.ceil(connections / MOST_CONNECTIONS), MOST_NODES]
  if (!fits(high) && !fits(low)) low = Infinity
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (fits(middle)) high = middle
    else low = middle + 1
  }
  const nodes = low
  // Where no number is enough, what it would be with the fewest that have a place for everybody.
  const used = load(connections, nodes === Infinity ? Math.ceil(connections / MOST_CONNECTIONS) : nodes, steps)
  const redis = used.redis / FULL_US
  const databaseCores = used.postgres / FULL_US
  const bends = [
    nodes === Infinity && `${most(used.node)} is more than a node can, however many there are`,
    redis > 1 && !steps.byRoom && `Redis, which has one processor, would need ${Math.ceil(redis)}`,
    databaseCores > DATABASE_CORES && !steps.databases && `PostgreSQL would need ${databaseCores.toFixed(0)} processors`,
  ].filter(Boolean)
  return {
    ...used, nodes, most: most(used.node), bends,
    redis: nodes === 1 ? 0 : Math.max(1, Math.ceil(redis)), databaseCores: Math.max(1, Math.ceil(databaseCores)), databases: Math.ceil(databaseCores / DATABASE_CORES),
    memoryMb: nodes === Infinity ? Infinity : Math.round(MEMORY.nodeMb + MEMORY.connectionKb * connections / nodes / 1024),
  }
}
