import { readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startEngine } from './engine.mjs'
import { pause, quantile } from './figures.mjs'
import { ROOMY, guest, openLine } from './lines.mjs'
import { startProduct, until } from './product.mjs'

const STREAMS = 50
const VIEWERS = 4
const ASKED = 100
const MESSAGES = 10_000
/** Below a persona's own bound of twelve answers a minute in one room. */
const PER_ROOM = 10
/** A server sends at most one delta of an answer in this time. */
const DELTA_MS = 16
const WORDS = Array.from({ length: 80 }, (_, n) => `word${n} `)
const SUBJECTS = 'budget release server customer contract design paper office ticket month figure letter camera network cable laptop'.split(' ')
const SAID = ['Shall we move the date of this?', 'We agreed to keep it.', 'I will send it by Friday.', 'Here is what came of it.', 'Thanks, that helps.']
const QUESTIONS = [
  'search for the budget of ticket 77', 'what did I miss?', 'which questions are open?', 'what was decided?', 'action items', 'who talks most?',
  'how do I start Lastra?', 'recap', 'what did Ann say about the contract?', 'where is the invoice for w77?',
]

/** Somebody in a room, who keeps what came of each answer, and when. */
async function enter(url, name, room) {
  const answers = new Map()
  const replies = new Map()
  let head = 0
  let asked = 0
  const line = await openLine('websocket', url, await guest(url, name), { room }, (frame) => {
    const at = performance.now()
    const answer = answers.get(frame.stream_id)
    if (frame.type === 'ai.start') answers.set(frame.stream_id, { at: [], numbers: [], text: '' })
    else if (frame.type === 'ai.delta') {
      answer.at.push(at)
      answer.numbers.push(frame.n)
      answer.text += frame.text
    } else if (frame.type === 'ai.end') answer.finish = frame.finish
    else if (frame.type === 'message.new') head = frame.seq
    else if (frame.type === 'ack' || frame.type === 'error') replies.get(frame.ref)?.(frame)
  })
  return {
    ...line,
    head: () => head,
    /** Sends a frame that must be accepted. */
    request: frame => new Promise((resolve, reject) => {
      const id = `r${++asked}`
      replies.set(id, reply => reply.type === 'ack' ? resolve(reply) : reject(new Error(`${frame.type}: ${reply.message}`)))
      line.send({ ...frame, room, id })
    }),
    /** An answer once it has ended. */
    answer: stream => until(() => answers.get(stream)?.finish && answers.get(stream), 'the end of an answer', 120_000),
  }
}

/** Milliseconds by which a server's event loop was late since the last time it was asked. */
async function loopDelay({ pid, data }) {
  const file = join(data, 'loop-delay.json')
  const read = () => readFileSync(file, 'utf8')
  const before = await Promise.resolve().then(read).catch(() => '')
  process.kill(pid, 'SIGUSR2')
  return JSON.parse(await until(() => read() === before ? '' : read(), 'the delay of the event loop'))
}

/** Many answers at once, each in a room of its own with several viewers. */
async function crowd(server, engine) {
  let begin = () => {}
  engine.behave({ words: WORDS, everyMs: 40, after: new Promise(resolve => begin = () => resolve(undefined)) })
  const rooms = await Promise.all(Array.from({ length: STREAMS }, async (_, n) => {
    const viewers = []
    for (let v = 0; v < VIEWERS; v++) viewers.push(await enter(server.url, `Viewer ${v}`, `crowd-${n}`))
    await viewers[0].request({ type: 'bot-toggle', bot: 'host', enabled: true })
    const { stream_id } = await viewers[0].request({ type: 'ai-request', bot: 'host', prompt: 'Tell us' })
    return { viewers, stream_id }
  }))
  await until(() => engine.open === STREAMS, 'every engine to be asked')
  await loopDelay(server)
  begin()
  const seen = await Promise.all(rooms.flatMap(({ viewers, stream_id }) => viewers.map(viewer => viewer.answer(stream_id))))
  const delay = await loopDelay(server)
  for (const { viewers } of rooms) viewers.forEach(viewer => viewer.cut())
  const whole = seen.filter(({ numbers, text }) => text === WORDS.join('') && numbers.every((n, index) => n === index + 1))
  return { delay, whole: whole.length, of: seen.length, deltas: seen.reduce((sum, { at }) => sum + at.length, 0) }
}

/** An engine that is faster than the eye: how many deltas a viewer gets in the time between the first and the last, for each that may come. */
async function fast(server, engine) {
  engine.behave({ words: Array.from({ length: 1000 }, (_, n) => `${n} `), everyMs: 1 })
  const viewers = []
  for (let v = 0; v < VIEWERS; v++) viewers.push(await enter(server.url, `Viewer ${v}`, 'fast'))
  await viewers[0].request({ type: 'bot-toggle', bot: 'host', enabled: true })
  const { stream_id } = await viewers[0].request({ type: 'ai-request', bot: 'host', prompt: 'Quick' })
  const seen = await Promise.all(viewers.map(viewer => viewer.answer(stream_id)))
  viewers.forEach(viewer => viewer.cut())
  return Math.min(...seen.map(({ at }) => (at.at(-1) - at[0]) / (at.length - 1)))
}

/** From a request to the first delta, without what the engine took to say it, in milliseconds. */
async function firstDeltas(server, engine) {
  engine.behave({ words: ['Yes. ', 'No.'], everyMs: 20 })
  const times = []
  for (let room = 0; times.length < ASKED; room++) {
    const ann = await enter(server.url, 'Ann', `first-${room}`)
    await ann.request({ type: 'bot-toggle', bot: 'host', enabled: true })
    for (let n = 0; n < PER_ROOM; n++) {
      const began = performance.now()
      const { stream_id } = await ann.request({ type: 'ai-request', bot: 'host', prompt: 'Well?' })
      const { at } = await ann.answer(stream_id)
      const { at: reached, spokeAt } = engine.asked.at(-1)
      times.push(at[0] - began - (spokeAt - reached))
      await pause(20)
    }
    ann.cut()
  }
  return times
}

/** From a request to the built-in engine's first delta in a long room: right after its bot was switched on, and from then on. */
async function longRoom(server) {
  const ann = await enter(server.url, 'Ann', 'long')
  for (let n = 0; n < MESSAGES; n++) {
    ann.send({ type: 'chat', room: 'long', client_msg_id: `m${n}`, text: `${SAID[n % SAID.length]} The ${SUBJECTS[n % SUBJECTS.length]} of ${SUBJECTS[n * 7 % 13]} ${n % 997} concerns w${n * 31 % 4001}.` })
    if (n % 500 === 499) await until(() => ann.head() > n, 'the messages', 60_000)
  }
  const ask = async (bot, prompt) => {
    const began = performance.now()
    const { stream_id } = await ann.request({ type: 'ai-request', bot, prompt })
    const { at } = await ann.answer(stream_id)
    return at[0] - began
  }
  await ann.request({ type: 'bot-toggle', bot: 'host', enabled: true })
  const atOnce = await ask('host', QUESTIONS[0])
  await ann.request({ type: 'bot-toggle', bot: 'facilitator', enabled: true })
  const times = []
  for (const question of QUESTIONS) times.push({ question, took: await ask('facilitator', question) })
  ann.cut()
  return { atOnce, times: times.toSorted((a, b) => a.took - b.took) }
}

const ms = value => `${value.toFixed(value < 10 ? 1 : 0)} ms`
const rows = []
const row = (...cells) => {
  rows.push(cells)
  console.error(cells.join(': '))
}
const watched = { NODE_OPTIONS: `--import ${fileURLToPath(new URL('../tests/support/loop-delay.mjs', import.meta.url))}` }

const engine = await startEngine()
const remote = await startProduct({ ...ROOMY, ...watched, NUXT_AI_BASE_URL: engine.url, NUXT_AI_MODEL: 'm' })
const { delay, whole, of, deltas } = await crowd(remote, engine)
row(`${STREAMS} answers at once, ${VIEWERS} viewers each: viewers with every delta`, 'all', `${whole} of ${of}, ${deltas.toLocaleString('en')} deltas`)
row('The server\'s event loop meanwhile', 'late by p99 ≤ 50 ms', `p99 ${ms(delay.p99)}; without what others took of the processor ${ms(delay.ownP99)}`)
row('An engine that says a word every millisecond: mean time between deltas for a viewer', `≥ ${DELTA_MS} ms`, ms(await fast(remote, engine)))
const firsts = await firstDeltas(remote, engine)
row('Request to first delta, without the engine\'s own time', 'p95 ≤ 20 ms', `p50 ${ms(quantile(firsts, 0.5))}, p95 ${ms(quantile(firsts, 0.95))}`)
await remote.stop()
engine.close()

const own = await startProduct(ROOMY)
const { atOnce, times } = await longRoom(own)
await own.stop()
row(`Request to the built-in engine's first delta in a room of ${MESSAGES.toLocaleString('en')} messages`, '≤ 150 ms', `p50 ${ms(times[times.length >> 1].took)}, slowest ${ms(Number(times.at(-1)?.took))} (“${times.at(-1)?.question}”); asked in the moment its bot is switched on ${ms(atOnce)}`)

console.log(`| figure | target | measured |\n|---|---|---|\n${rows.map(cells => `| ${cells.join(' | ')} |`).join('\n')}`)
console.log(`\nOn ${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GB; Node ${process.versions.node}.`)
