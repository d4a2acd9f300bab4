import { startCandidate } from '../candidates.mjs'
import { idle, saturate, steady, write } from '../loads.mjs'
import { quantile } from '../../scripts/figures.mjs'
import { ROOM, WORDS, fill } from './fill.mjs'
import { atMost, newcomer, reader, times, visit } from './visits.mjs'

/** A search that takes this long has failed those who wait for it, and all others with them. */
const SEARCH_MS = 15_000

/** Starts a server, on a past where one is given, puts a load on it, and ends it. */
async function on(folder, load) {
  const server = await startCandidate('lastra', folder && { folder })
  try {
    return await load(server)
  } finally {
    await server.stop()
  }
}

/** The middle and the worst of many times, as figures of one name. */
const spread = (name, values) => ({ [name]: quantile(values, 0.5), [`${name}P99`]: quantile(values, 0.99) })

/** As {@link spread}, with a mark where nobody waited for the end: a figure that was cut off says nothing of how it grows. */
const searched = (name, values) => ({ ...spread(name, values), ...(values.includes(SEARCH_MS) && { [`${name}GaveUp`]: 1 }) })

async function connections(members, { seconds }) {
  const talk = await on(undefined, server => steady(server, { members, perSecond: 50, seconds }))
  const memory = await on(undefined, server => idle(server, { connections: members, perRoom: members }))
  return { cpu: talk.cpuPerDeliveryUs, delivery: talk.p50, deliveryP99: talk.p99, memory: memory.heapPerConnection / 1024 }
}

async function rooms(count, { seconds }) {
  const { perCpuSecond } = await on(undefined, server => saturate(server, { rooms: count, members: 5, writers: 1, window: 1, seconds }))
  return { cpu: 1e6 / perCpuSecond }
}

/** Joins and leaves, and makes sure that it got what it came for. */
async function joined(server, token, what, expected) {
  const { ms, replayed, leave } = await visit(server, token, what)
  leave()
  if (replayed !== expected) throw new Error(`a join brought ${replayed} messages instead of ${expected}`)
  return ms
}

async function history(messages, { seconds }) {
  const folder = await fill({ messages })
  return on(folder, async (server) => {
    const token = await newcomer(server)
    const first = await joined(server, token, { room: ROOM }, 50)
    const joins = await times(100, () => joined(server, token, { room: ROOM }, 50))
    const resumes = await times(50, () => joined(server, token, { room: ROOM, from_seq: messages - 200 }, 200))
    const deep = await times(50, n => joined(server, token, { room: ROOM, from_seq: Math.floor(messages * (n + 1) / 60) }, 200))
    const { get, close } = await reader(server, token)
    const pages = await times(100, async n => (await get(`/api/rooms/${ROOM}/messages?before_seq=${Math.floor(messages * (n + 1) / 101)}&limit=50`)).ms)
    const { perSecond } = await write(server, { writers: 10, window: 4, seconds, roomOf: () => ROOM })
    const search = async (word) => {
      const { ms, answer } = await get(`/api/rooms/${ROOM}/search?q=${word}`)
      if (answer.messages.length === 0) throw new Error(`nothing was found for ${word}`)
      return ms
    }
    const searches = async (word) => {
      const first = await atMost(SEARCH_MS, search(word))
      return first === SEARCH_MS ? [first] : times(20, () => search(word))
    }
    // Last, because the server answers nobody while it searches.
    const common = await searches(WORDS.common)
    const rare = common[0] === SEARCH_MS ? common : await searches(WORDS.rare)
    close()
    return {
      firstJoin: first, ...spread('join', joins), ...spread('resume', resumes), ...spread('deep', deep), ...spread('page', pages),
      ...searched('rare', rare), ...searched('common', common), append: 1000 / perSecond,
    }
  })
}

async function members(people) {
  const folder = await fill({ messages: 1000, people })
  return on(folder, async (server) => {
    let told
    const watcher = await visit(server, await newcomer(server), { room: ROOM }, frame => frame.includes('"event":"join"') && told?.())
    /** @type {number[][]} */
    const [joins, tellings] = [[], []]
    const token = await newcomer(server)
    for (let n = 0; n < 60; n++) {
      const newOne = n === 0 ? token : await newcomer(server)
      const heard = new Promise(resolve => told = () => resolve(performance.now()))
      const { ms, began, leave } = await visit(server, newOne, { room: ROOM })
      joins.push(ms)
      tellings.push(await heard - began)
      leave()
    }
    const { get, close } = await reader(server, token)
    const lists = await times(60, async () => (await get('/api/rooms')).ms)
    close()
    watcher.leave()
    return { ...spread('join', joins), ...spread('presence', tellings), ...spread('list', lists) }
  })
}

/**
 * What grows, and what is looked at while it does. `of` a curve are the figures it is drawn through, the first of which it is judged by;
 * `power` is the growth its kind has by nature: 0 for what should stay as it is, 1 for what each of those there adds to. `panel` are the axes it is drawn
 * in together with others.
 *
 * @typedef {{ key: string, panel?: string, title: string, unit: string, of: string[], power: 0 | 1 }} Curve
 * @typedef {{ key: string, title: string, axis: string, sizes: number[], repeated: boolean, measure: (size: number, scale: { seconds: number }) => Promise<Record<string, number>>, curves: Curve[] }} Family
 * @type {Family[]}
 */
export const FAMILIES = [
  {
    key: 'connections', title: 'Connections in one room', axis: 'connections, 50 messages/s', sizes: [50, 200, 800], repeated: true, measure: connections,
    curves: [
      { key: 'cpu', title: 'CPU of a delivery', unit: 'µs', of: ['cpu'], power: 0 },
      { key: 'delivery', title: 'a message until it is there', unit: 'ms', of: ['delivery', 'deliveryP99'], power: 1 },
      { key: 'memory', title: 'memory of an idle connection', unit: 'KB', of: ['memory'], power: 0 },
    ],
  },
  {
    key: 'rooms', title: 'Rooms of five people', axis: 'rooms, saturated', sizes: [25, 100, 400], repeated: true, measure: rooms,
    curves: [{ key: 'cpu', title: 'CPU of a delivery', unit: 'µs', of: ['cpu'], power: 0 }],
  },
  {
    key: 'history', title: 'Messages in one room', axis: 'messages', sizes: [62_500, 250_000, 1_000_000], repeated: false, measure: history,
    curves: [
      { key: 'firstJoin', panel: 'Joining and coming back', title: 'first join after a start', unit: 'ms', of: ['firstJoin'], power: 0 },
      { key: 'join', panel: 'Joining and coming back', title: 'join with the newest 50', unit: 'ms', of: ['join', 'joinP99'], power: 0 },
      { key: 'resume', panel: 'Joining and coming back', title: 'resume with the newest 200', unit: 'ms', of: ['resume', 'resumeP99'], power: 0 },
      { key: 'deep', panel: 'Joining and coming back', title: '200 from long ago', unit: 'ms', of: ['deep', 'deepP99'], power: 0 },
      { key: 'page', panel: 'Looking back and writing', title: 'older page of 50', unit: 'ms', of: ['page', 'pageP99'], power: 0 },
      { key: 'rare', panel: 'Looking back and writing', title: 'search of a rare word', unit: 'ms', of: ['rare', 'rareP99'], power: 0 },
      { key: 'common', panel: 'Looking back and writing', title: 'search of a common word', unit: 'ms', of: ['common', 'commonP99'], power: 0 },
      { key: 'append', panel: 'Looking back and writing', title: 'append, acknowledged', unit: 'ms', of: ['append'], power: 0 },
    ],
  },
  {
    key: 'members', title: 'People who ever joined, each with a room of their own', axis: 'people', sizes: [1000, 4000, 16_000], repeated: false, measure: members,
    curves: [
      { key: 'join', panel: 'People who ever joined', title: 'join of somebody new', unit: 'ms', of: ['join', 'joinP99'], power: 0 },
      { key: 'presence', panel: 'People who ever joined', title: 'until the others see them', unit: 'ms', of: ['presence', 'presenceP99'], power: 0 },
      { key: 'list', panel: 'People who ever joined', title: 'list of one’s rooms', unit: 'ms', of: ['list', 'listP99'], power: 0 },
    ],
  },
]
