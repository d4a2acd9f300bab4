import { join } from 'node:path'
import { startFaultProxy } from '../fault-proxy'
import type { FaultProxy } from '../fault-proxy'
import { History } from '../history'
import { checkDelivered, checkHistory } from '../history-check'
import { startManyNodes } from '../many-nodes'
import { startServer } from '../server'
import type { TestServer } from '../server'
import { createUser } from '../session'
import { readStored } from '../stored-log'
import { pause, waitFor } from '../wait'
import { ChaosClient, newProfile } from './client'
import type { ChaosEvent } from './schedule'
import { createSchedule, seeded } from './schedule'

const CLIENTS = 8
const ROOMS = ['alpha', 'beta']
const TRANSPORTS = ['websocket', 'sse', 'polling', 'auto'] as const
/** How long everybody may take to come back and catch up once the network is sound: a delay between tries and some. */
const CONVERGE_MS = 120_000

export interface ChaosReport {
  seed: number
  /** What is wrong, in sentences. None: everything held. */
  violations: string[]
  /** How often what happened; a run in which nothing did proves nothing. */
  counts: Record<string, number>
  /** How long it took until all were equal after the last fault, in milliseconds. */
  convergedMs: number
  timeline: string[]
}

/** What the clients talk to, and what of it can go away. */
interface Service {
  /** Where requests go. */
  front: { url: string, port: number }
  /** The servers; one of them at a time is restarted. */
  nodes: readonly TestServer[]
  /** Where the logs are: a file, or a database's address. */
  database: string
  /** Has Redis go away for a while, where there is one. */
  drop?: (downMs: number) => Promise<void>
  stop: () => Promise<void>
}

async function oneServer(): Promise<Service> {
  const server = await startServer({ env: { NUXT_DRAIN_MS: '1000' } })
  return { front: server, nodes: [server], database: join(server.dataDir, 'lastra.db'), stop: () => server.stop() }
}

async function manyNodes(): Promise<Service> {
  const many = await startManyNodes({ NUXT_DRAIN_MS: '1000' })
  return {
    front: { url: many.url, port: Number(new URL(many.url).port) },
    nodes: many.nodes,
    database: many.postgres.url('postgres'),
    async drop(downMs) {
      await many.redis.stop()
      await pause(downMs)
      await many.redis.start()
    },
    stop: () => many.stop(),
  }
}

/**
 * Runs eight clients of the product through a seeded storm, and judges what they did and saw.
 *
 * @param many whether two servers serve them behind nginx, with a Redis that goes away too
 */
export async function runChaos(seed: number, durationMs: number, { many = false } = {}): Promise<ChaosReport> {
  const run = new ChaosRun(seed, many ? await manyNodes() : await oneServer())
  try {
    await run.enter()
    await run.storm(createSchedule({ seed, clients: CLIENTS, rooms: ROOMS.length, durationMs }))
    return await run.calm()
  } finally {
    await run.stop()
  }
}

class ChaosRun {
  private readonly history = new History()
  private readonly proxies: FaultProxy[] = []
  private readonly clients: ChaosClient[] = []
  private readonly counts: Record<string, number> = {}
  private readonly timeline: string[] = []
  private readonly began = performance.now()
  private restarting: Promise<void> = Promise.resolve()
  private restarts = 0
  private behind: string[] = []

  constructor(
    private readonly seed: number,
    private readonly service: Service,
  ) {}

  /** Lets everybody into the rooms. */
  async enter(): Promise<void> {
    const { seed, service: { front: server }, history, proxies, clients } = this
    const person = { user: await createUser(server, 'client-0'), profile: newProfile() }
    for (let n = 0; n < CLIENTS; n++) {
      // The last one is a second tab of the one before it.
      if (n > 0 && n < CLIENTS - 1) Object.assign(person, { user: await createUser(server, `client-${n}`), profile: newProfile() })
      const proxy = await startFaultProxy(server, seeded(seed + n))
      proxies.push(proxy)
      clients.push(new ChaosClient({ ...person, proxy, rooms: ROOMS, transport: TRANSPORTS[n % TRANSPORTS.length]!, log: history.client(`client-${n}`, person.user.id) }))
      // The first one makes the rooms, and so may clear them.
      if (n === 0) await waitFor(() => ROOMS.every(room => clients[0]?.last(room) !== undefined), { what: 'the first client in its rooms' })
    }
  }

  async storm(events: readonly ChaosEvent[]): Promise<void> {
    const began = performance.now()
    for (const event of events) {
      const wait = began + event.at - performance.now()
      if (wait > 0) await pause(wait)
      this.happen(event)
    }
    await this.restarting
  }

  /** The network heals, everybody comes back and catches up. */
  async calm(): Promise<ChaosReport> {
    for (const proxy of this.proxies) proxy.heal()
    this.note('the network heals')
    const healed = performance.now()
    const violations: string[] = []
    try {
      await waitFor(() => this.isQuiet(), { timeout: CONVERGE_MS, interval: 100, what: () => this.behind.join('; ') })
    } catch (error) {
      violations.push((error as Error).message)
    }
    const convergedMs = Math.round(performance.now() - healed)
    for (const client of this.clients) {
      client.end()
      client.close()
      for (const [transport, frames] of Object.entries(client.carried)) this.count(transport, frames)
    }
    const stored = await readStored(this.service.database)
    violations.push(...checkHistory(this.history, stored), ...checkDelivered(this.history, stored))
    this.count('gaps', this.clients.reduce((sum, client) => sum + client.gaps, 0))
    this.count('switched', this.clients.reduce((sum, client) => sum + client.switches, 0))
    this.count('acked', this.history.clients.reduce((sum, client) => sum + client.sends.filter(send => send.acks.length > 0).length, 0))
    this.count('entries', [...stored.values()].reduce((sum, room) => sum + room.head, 0))
    return { seed: this.seed, violations, counts: this.counts, convergedMs, timeline: this.timeline }
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.close()
    await Promise.all(this.proxies.map(proxy => proxy.close()))
    await this.service.stop()
  }

  private happen(event: ChaosEvent): void {
    const client = 'client' in event ? this.clients[event.client] : undefined
    const proxy = 'client' in event ? this.proxies[event.client] : undefined
    const room = 'room' in event ? ROOMS[event.room] ?? '' : ''
    switch (event.do) {
      case 'say':
        // Not in the timeline, which is for what explains a failure.
        return this.count(client?.say(room, event.text) ? 'say' : 'full')
      case 'touch':
        client?.touch(room, event.what)
        break
      case 'clear':
        this.clients[0]?.clear(room)
        break
      case 'switch':
        client?.switchTo(event.to)
        break
      case 'reload':
        client?.reload()
        break
      case 'reenter':
        client?.reenter(room)
        break
      case 'reset':
        proxy?.reset()
        break
      case 'abandon': {
        const open = proxy?.connections ?? []
        open[event.connection % open.length]?.abandon(event.side)
        break
      }
      case 'fault':
        proxy?.set(event.change)
        break
      case 'heal':
        proxy?.heal()
        break
      case 'restart':
        this.restarting = this.restarting.then(() => this.restart(event.signal, event.downMs))
        // Told by the storm's end, which awaits it.
        this.restarting.catch(() => undefined)
        break
    }
    this.count(event.do)
    if (event.do === 'fault') this.count(event.what.split(' ', 1)[0]!)
    if (event.do === 'restart') this.count(event.signal)
    const { at: _, ...what } = event
    this.note(JSON.stringify(what))
  }

  private async restart(signal: 'SIGKILL' | 'SIGTERM', downMs: number): Promise<void> {
    const { nodes, drop } = this.service
    const server = nodes[this.restarts++ % nodes.length]!
    // Now and then the other way round: the nodes stay, and do not hear each other.
    if (drop && this.restarts % 3 === 0) {
      await drop(downMs)
      this.count('redis')
      return this.note('Redis is back')
    }
    server.kill(signal)
    await server.exited()
    await pause(downMs)
    await server.restart()
    this.note(`the server is back after ${signal}`)
  }

  private async isQuiet(): Promise<boolean> {
    this.behind = await this.whoIsBehind()
    return this.behind.length === 0
  }

  private async whoIsBehind(): Promise<string[]> {
    const heads = [...(await readStored(this.service.database)).values()]
    return this.clients.flatMap((client) => {
      const behind = heads.filter(({ name, head }) => client.last(name) !== head).map(({ name, head }) => `${name} at ${client.last(name)} of ${head}`)
      const waiting = client.pending.map(item => item.state)
      return behind.length + waiting.length > 0 ? [`${client.name} (${client.status}, ${client.transport}): ${[...behind, `${waiting.length} waiting`].join(', ')}; ${client.story}`] : []
    })
  }

  private count(what: string, by = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + by
  }

  private note(what: string): void {
    this.timeline.push(`${((performance.now() - this.began) / 1000).toFixed(2)} s ${what}`)
  }
}
