import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Redis from 'ioredis'
import pg from 'pg'
import { bundle } from '../../bench/bundle.mjs'
import { startCandidate } from '../../bench/candidates.mjs'
import { inTurns, textAt } from '../../bench/loads.mjs'
import { treeSeconds } from '../../bench/processes.mjs'
import { root } from '../build.mjs'
import { pause } from '../figures.mjs'
import { guest, openLine } from '../lines.mjs'

/**
 * What a load used, in processor microseconds, and how much of it there was.
 *
 * @typedef {{ nodes: number[], redis: number, postgres: number, said: number[], delivered: number[] }} Used each list has one figure a node
 */

/**
 * Real nodes on a PostgreSQL and a Redis of their own, and what each of these uses.
 *
 * @param {number} count of nodes
 */
export async function startNodes(count) {
  const { startPostgres } = await import(await bundle(join(root, 'tests/support/postgres.ts'), 'postgres'))
  const { startRedis } = await import(await bundle(join(root, 'tests/support/redis.ts'), 'redis'))
  const [postgres, redis] = [await startPostgres(), await startRedis()]
  const env = { NUXT_DATABASE_URL: postgres.url('postgres'), NUXT_REDIS_URL: redis.url }
  const nodes = []
  for (let n = 0; n < count; n++) nodes.push(await startCandidate('lastra', { env }))
  const [postmaster, redisPid] = [await postmasterOf(postgres.url('postgres')), await pidOfRedis(redis.url)]
  const look = async () => ({
    nodes: (await Promise.all(nodes.map(node => node.measure()))).map(({ cpuMs }) => cpuMs * 1000),
    redis: treeSeconds(redisPid) * 1e6,
    postgres: treeSeconds(postmaster) * 1e6,
  })
  return {
    nodes,
    /** Runs something, and says what was used meanwhile. @param {() => Promise<void>} work */
    async used(work) {
      const before = await look()
      await work()
      const after = await look()
      return { nodes: after.nodes, redis: after.redis - before.redis, postgres: after.postgres - before.postgres }
    },
    async stop() {
      for (const node of nodes) await node.stop()
      await redis.stop()
      await postgres.stop()
    },
  }
}

async function postmasterOf(url) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query('select pg_backend_pid() as pid')
  const stat = readFileSync(`/proc/${rows[0].pid}/stat`, 'utf8')
  await client.end()
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}

async function pidOfRedis(url) {
  const client = new Redis(url)
  const info = await client.info('server')
  client.disconnect()
  return Number(/process_id:(\d+)/.exec(info)?.[1])
}

/**
 * Rooms in which people sit and somebody speaks now and then. Members are spread over the nodes in turn; writers are the first ones, whose
 * nodes take turns too unless `writersOn` names one.
 *
 * @param {Awaited<ReturnType<typeof startNodes>>} world
 * @param {{ rooms: number, members: number, perSecond: number, seconds: number, membersOn?: number[], name: string }} load members in each room; messages a second
 * in all rooms together
 * @returns {Promise<Used>}
 */
export async function talk({ nodes, used }, { rooms, members, perSecond, seconds, membersOn = nodes.map((_, n) => n), name }) {
  const delivered = nodes.map(() => 0)
  const said = nodes.map(() => 0)
  const clients = await inTurns(rooms * members, async (n) => {
    const on = membersOn[n % membersOn.length]
    return { on, client: await nodes[on].join(`${name}-${n % rooms}`, () => void delivered[on]++) }
  }, 10)
  await pause(1500)
  const total = () => delivered.reduce((sum, count) => sum + count, 0)
  const speak = async (count) => {
    const began = performance.now()
    const before = total()
    for (let n = 0; n < count; n++) {
      const wait = began + n * 1000 / perSecond - performance.now()
      if (wait > 0) await pause(wait)
      // The room takes turns, and so does who speaks in it.
      const { on, client } = clients[n % rooms + rooms * (Math.floor(n / rooms) % members)]
      client.chat(textAt(0))
      said[on]++
    }
    for (const end = performance.now() + 10_000; total() - before < count * members && performance.now() < end;) await pause(20)
  }
  await speak(perSecond)
  delivered.fill(0)
  said.fill(0)
  const figures = await used(() => speak(perSecond * seconds))
  clients.forEach(({ client }) => client.cut())
  await pause(500)
  return { ...figures, said, delivered }
}

/** People come and go in a room where others sit. @returns {Promise<{ join: number }>} microseconds of the node for one that comes and goes */
export async function comeAndGo({ nodes, used }, { times }) {
  const { nodes: [cpu] } = await used(async () => {
    for (let n = 0; n < times; n++) (await nodes[0].join(`door-${n % 20}`, () => {})).cut()
    await pause(1500)
  })
  return { join: cpu / times }
}

/** One connection says that it is there. @returns {Promise<{ ping: number }>} microseconds of the node */
export async function pings({ nodes, used }, { times }) {
  let answered = 0
  const line = await openLine('websocket', nodes[0].url, await guest(nodes[0].url, 'Pinger'), { room: 'pings' }, frame => void (frame.type === 'pong' && answered++))
  await pause(500)
  const { nodes: [cpu] } = await used(async () => {
    for (let n = 0; n < times; n++) {
      line.send({ type: 'ping' })
      await pause(2)
    }
    for (const end = performance.now() + 5000; answered < times && performance.now() < end;) await pause(10)
  })
  line.cut()
  return { ping: cpu / times }
}

/** Nothing at all. @returns {Promise<Omit<Used, 'said' | 'delivered'>>} */
export function rest({ used }, seconds) {
  return used(() => pause(seconds * 1000))
}
