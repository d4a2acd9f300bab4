import { fork, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ensureBuild, serverEntry } from '../scripts/build.mjs'
import { FLOODS } from './abuse/floods.mjs'
import { Victims } from './abuse/victims.mjs'
import { machine, saveResult } from './machine.mjs'
import { median, pinned } from './measure.mjs'
import { treeSeconds } from './processes.mjs'

/** The processor the server runs on; victims and flooders share the other one, the flooders behind the victims. */
const SERVER_CORE = '0'
const BEHIND = 19
/** What is aimed at: the victims' p99 so many times their quiet one, and so much more memory. */
const AIM = { slower: 5, leastMs: 10, megabytes: 64 }
const RECOVERY_MS = 5000
/** What tells from inside how long the server's turns are. */
const WATCH = ['--import', new URL('abuse/turns.mjs', import.meta.url).href]

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    only: { type: 'string', multiple: true, default: [] },
    heap: { type: 'string' },
    runs: { type: 'string', default: '1' },
    /** A folder for a processor profile of the server in each flood. */
    profile: { type: 'string' },
    /** Another build's `server/index.mjs`, to compare with: it is run as it is. */
    server: { type: 'string' },
    save: { type: 'boolean', default: false },
  },
})

/** The production build with the limits it has by itself, on this machine's loopback alone. */
async function startServer() {
  const dataDir = mkdtempSync(join(tmpdir(), 'lastra-abuse-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:NUXT_|NITRO_)/.test(name)))
  const heap = options.heap ? [`--max-old-space-size=${options.heap}`] : []
  const profile = options.profile ? ['--cpu-prof', `--cpu-prof-dir=${options.profile}`] : []
  const child = spawn('taskset', ['-c', SERVER_CORE, process.execPath, ...heap, ...profile, ...WATCH, options.server ?? serverEntry], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...env, NODE_ENV: 'production', HOST: '127.0.0.1', PORT: String(port), NUXT_DATA_DIR: dataDir, NUXT_LOG_LEVEL: 'error' },
  })
  const gone = new Promise(resolve => child.once('close', resolve))
  for (const end = performance.now() + 60_000; ;) {
    if (await fetch(`${url}/api/health`).then(response => response.ok, () => false)) break
    if (child.exitCode !== null || performance.now() > end) throw new Error('the server did not start')
    await wait(100)
  }
  return {
    url,
    alive: () => child.exitCode === null && child.signalCode === null,
    megabytes: () => child.exitCode === null ? Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024 : Number.NaN,
    /** The longest turn of its event loop since the last time, in milliseconds of processor time; nothing where it does not live. */
    longestTurn: () => new Promise((resolve) => {
      if (!child.connected) return resolve(Number.NaN)
      const done = ({ longest } = { longest: Number.NaN }) => {
        child.off('message', done).off('exit', gone)
        resolve(longest)
      }
      const gone = () => done()
      child.once('message', done).once('exit', gone).send('turns', error => error && done())
    }),
    cpuSeconds: () => treeSeconds(child.pid),
    async stop() {
      child.kill(options.profile ? 'SIGTERM' : 'SIGKILL')
      await gone
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

const wait = ms => new Promise(resolve => setTimeout(resolve, ms))

/** Puts one flood on a fresh server while two people talk there. */
async function measure(flood, seconds) {
  const server = await startServer()
  const victims = new Victims()
  const flooder = fork(fileURLToPath(new URL('abuse/flooder.mjs', import.meta.url)), [flood.key, server.url, String(seconds)])
  const told = () => new Promise((resolve, reject) => {
    flooder.once('message', resolve)
    flooder.once('exit', code => reject(new Error(`the flooder ended with ${code}`)))
  })
  flooder.on('exit', () => undefined)
  try {
    setPriority(flooder.pid, BEHIND)
    const ready = told()
    await victims.come(server.url)
    await ready
    await victims.talk(1)
    const quiet = await victims.talk(seconds)
    const before = server.megabytes()
    const cpuBefore = server.cpuSeconds()
    let most = before
    const watching = setInterval(() => most = Math.max(most, server.megabytes() || 0), 50)
    await server.longestTurn()
    const done = told()
    const began = performance.now()
    flooder.send('go')
    const during = await victims.talk(seconds)
    const outcomes = await done.catch(error => ({ [error.message]: 1 }))
    clearInterval(watching)
    const turn = await server.longestTurn()
    const busy = (server.cpuSeconds() - cpuBefore) / ((performance.now() - began) / 1000)
    await wait(RECOVERY_MS)
    const after = await victims.talk(seconds / 2)
    return { quiet, during, after, before, most, left: server.megabytes(), busy, turn, alive: server.alive(), outcomes }
  } finally {
    flooder.kill('SIGKILL')
    victims.leave()
    await server.stop()
  }
}

/** The median of each figure over several runs; what was lost, and whether it lived, over all of them. */
function middle(runs) {
  const of = read => median(runs.map(read))
  const talk = when => ({ p50: of(run => run[when].p50), p99: of(run => run[when].p99), lost: Math.max(...runs.map(run => run[when].lost)) })
  return {
    quiet: talk('quiet'), during: talk('during'), after: talk('after'), before: of(run => run.before), most: of(run => run.most),
    left: of(run => run.left), busy: of(run => run.busy), turn: of(run => run.turn), alive: runs.every(run => run.alive), outcomes: runs.at(-1).outcomes,
  }
}

/** Whether the aims are met. */
function holds({ quiet, during, after, before, most, alive }) {
  const slowest = Math.max(AIM.leastMs, quiet.p99) * AIM.slower
  return alive && during.lost + after.lost === 0 && during.p99 <= slowest && after.p99 <= slowest && most - before <= AIM.megabytes
}

const ms = value => Number.isFinite(value) ? value.toFixed(value < 10 ? 1 : 0) : '–'
const row = ({ title }, result) => {
  const { quiet, during, after, before, most, left, busy, turn, outcomes } = result
  const verdict = holds(result) ? 'yes' : 'no'
  const came = Object.entries(outcomes).sort((a, b) => b[1] - a[1]).slice(0, 4).map(([what, count]) => `${what}: ${count}`).join(', ')
  const slow = `${ms(during.p50)} / ${ms(during.p99)} (${(during.p99 / quiet.p99).toFixed(1)} ×)${during.lost ? `, ${during.lost} lost` : ''}`
  const memory = [before, most, left].map(Math.round).join(' → ')
  return `| ${[title, `${ms(quiet.p50)} / ${ms(quiet.p99)}`, slow, `${ms(after.p50)} / ${ms(after.p99)}`, memory, ms(turn), `${Math.round(busy * 100)} %`, came, verdict].join(' | ')} |`
}

async function main() {
  if (!options.server && await ensureBuild() !== 0) throw new Error('the build failed')
  const seconds = Math.min(30, Number(options.seconds))
  const results = []
  const lines = ['| flood | quiet p50 / p99 ms | during | 5 s after | RSS MB before → most → after | longest turn, ms | server’s core | what became of it | aims met |', '|---|---|---|---|---|---|---|---|---|']
  for (const flood of FLOODS.filter(({ key }) => options.only.length === 0 || options.only.includes(key))) {
    const runs = []
    for (let run = 0; run < Number(options.runs); run++) runs.push(await measure(flood, seconds).catch(error => ({ failed: error.message })))
    const result = runs.find(({ failed }) => failed) ?? middle(runs)
    lines.push(result.failed ? `| ${flood.title} | – | – | – | – | – | – | ${result.failed} | no |` : row(flood, result))
    console.error(lines.at(-1))
    results.push({ flood: flood.key, ...result })
  }
  console.log(`\n${lines.join('\n')}\n\n\`npm run abuse\`: ${seconds} s each, ${Number(options.runs) > 1 ? `the medians of ${options.runs} runs, ` : ''}a fresh server with its own limits for each, everybody of one address. ${machine()}.`)
  if (options.save) saveResult('abuse', { seconds, results })
  return results.every(result => !result.failed && holds(result))
}

if (pinned()) process.exit(await main() ? 0 : 1)
