import type { FaultChange } from '../fault-proxy'

/** One thing that happens in a run, `at` so many milliseconds after its start. */
export type ChaosEvent = { at: number } & (
  | { do: 'say', client: number, room: number, text: string }
  | { do: 'touch', client: number, room: number, what: 'react' | 'edit' | 'delete' }
  | { do: 'clear', room: number }
  | { do: 'switch', client: number, to: 'websocket' | 'sse' | 'polling' | 'auto' }
  | { do: 'reload' | 'reset', client: number }
  | { do: 'reenter', client: number, room: number }
  | { do: 'abandon', client: number, side: 'client' | 'server', connection: number }
  /** The network of one client gets bad in one way, for a while. */
  | { do: 'fault', client: number, what: string, change: FaultChange }
  | { do: 'heal', client: number }
  | { do: 'restart', signal: 'SIGKILL' | 'SIGTERM', downMs: number }
)

export interface ScheduleOptions {
  seed: number
  clients: number
  rooms: number
  durationMs: number
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6D2B79F5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** How often each thing happens in a minute, to all clients together. */
const RATES = { say: 900, touch: 60, clear: 1, switch: 30, reload: 12, reenter: 10, reset: 24, abandon: 16, fault: 40, restart: 5 }

/** Once a minute somebody's machine sleeps, for long enough to miss more than one replay brings (RES-5). */
const SLEEP_MS = 42_000

/** The restarts leave each other this much room, so that what follows one is seen too. */
const RESTART_EVERY_MS = 9_000

/** Everything that will happen in a run, in order. The seed alone decides. */
export function createSchedule({ seed, clients, rooms, durationMs }: ScheduleOptions): ChaosEvent[] {
  const random = seeded(seed)
  const below = (n: number) => Math.floor(random() * n)
  const between = (from: number, to: number) => Math.round(from + random() * (to - from))
  const pick = <T>(items: readonly T[]): T => items[below(items.length)]!
  const times = (rate: number) => Array.from({ length: Math.max(1, Math.round(rate * durationMs / 60_000)) }, () => between(0, durationMs)).sort((a, b) => a - b)
  const events: ChaosEvent[] = []

  for (const at of times(RATES.say)) {
    // Bursts, so that several wait in one queue and share one commit.
    const [client, room, burst] = [below(clients), below(rooms), random() < 0.1 ? between(3, 12) : 1]
    for (let n = 0; n < burst; n++) events.push({ at, do: 'say', client, room, text: `${at}.${n} of ${client} ${'x'.repeat(random() < 0.05 ? between(1_000, 12_000) : 0)}`.trim() })
  }
  for (const at of times(RATES.touch)) events.push({ at, do: 'touch', client: below(clients), room: below(rooms), what: pick(['react', 'react', 'edit', 'delete']) })
  for (const at of times(RATES.clear)) events.push({ at, do: 'clear', room: below(rooms) })
  for (const at of times(RATES.switch)) events.push({ at, do: 'switch', client: below(clients), to: pick(['websocket', 'sse', 'polling', 'websocket', 'sse', 'polling', 'auto']) })
  for (const at of times(RATES.reload)) events.push({ at, do: 'reload', client: below(clients) })
  for (const at of times(RATES.reenter)) events.push({ at, do: 'reenter', client: below(clients), room: below(rooms) })
  for (const at of times(RATES.reset)) events.push({ at, do: 'reset', client: below(clients) })
  for (const at of times(RATES.abandon)) events.push({ at, do: 'abandon', client: below(clients), side: pick(['client', 'server']), connection: below(4) })
  for (const at of times(RATES.fault)) {
    const client = below(clients)
    const [what, change] = fault(random, between, pick)
    events.push({ at, do: 'fault', client, what, change }, { at: at + between(500, 9_000), do: 'heal', client })
  }
  const sleeps = Array.from({ length: Math.ceil(durationMs / 60_000) }, (_, minute) => ({ at: minute * 60_000 + between(1_000, 12_000), client: below(clients) }))
  const isAwake = (event: ChaosEvent) => !('client' in event) || event.do === 'say'
    || !sleeps.some(sleep => sleep.client === event.client && event.at >= sleep.at && event.at <= sleep.at + SLEEP_MS)
  let free = 4_000
  for (const at of times(RATES.restart)) {
    const start = Math.max(at, free)
    free = start + RESTART_EVERY_MS
    if (start < durationMs) events.push({ at: start, do: 'restart', signal: pick(['SIGKILL', 'SIGTERM']), downMs: between(0, 2_500) })
  }
  const storm: ChaosEvent[] = [
    ...events.filter(isAwake),
    ...sleeps.flatMap(({ at, client }): ChaosEvent[] => [{ at, do: 'fault', client, what: 'sleep', change: { both: { hole: true } } }, { at: at + SLEEP_MS, do: 'heal', client }]),
  ]
  // A stable sort: what is said at one moment keeps its order.
  return storm.filter(event => event.at <= durationMs).sort((a, b) => a.at - b.at)
}

function fault(random: () => number, between: (from: number, to: number) => number, pick: <T>(items: readonly T[]) => T): [string, FaultChange] {
  const direction = pick(['up', 'down', 'both'] as const)
  switch (pick(['delay', 'delay', 'throttle', 'hole', 'hole', 'cut', 'cut', 'refuse', 'upgrades'] as const)) {
    case 'delay': return ['delay', { [direction]: { delayMs: between(20, 1_500), jitterMs: between(0, 500) } }]
    case 'throttle': return ['throttle', { [direction]: { bytesPerSecond: between(500, 20_000) } }]
    case 'hole': return [`hole ${direction}`, { [direction]: { hole: true } }]
    case 'cut': return ['cut', { [direction]: { cutAfter: random() < 0.5 ? between(0, 200) : between(200, 20_000) } }]
    case 'refuse': return ['refuse', { refuse: true }]
    case 'upgrades': return ['upgrades', { upgrades: pick(['refuse', 'reset', 'hang']) }]
  }
}
