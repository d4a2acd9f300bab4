import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root, serverEntry } from '../scripts/build.mjs'
import { ROOMY } from '../scripts/lines.mjs'
import { bundle } from './bundle.mjs'
import { POSTED_PROTOCOLS } from './posted-protocols.mjs'
import { PROTOCOLS } from './protocols.mjs'
import { freePort, missingEngines, startEngines } from './servers/engines.mjs'
import { nchan, startNchan } from './servers/nchan.mjs'

/** The processor servers run on; the load has the other one. */
const SERVER_CORE = '0'
const probe = new URL('probe.mjs', import.meta.url).href
const here = name => fileURLToPath(new URL(`servers/${name}`, import.meta.url))
const hub = join(root, 'node_modules/.cache/lastra-bench/hub.mjs')

/** What is compared, and what each promises about a message. Those that are `posted` hear by SSE or polls and speak by requests. */
export const CANDIDATES = {
  'lastra': { name: 'Lastra', promise: 'on disk before it is shown; resumes', entry: serverEntry, protocol: 'lastra', guests: true, acks: true, resumes: true },
  'lastra-hub': { name: 'Lastra’s hub, no log', promise: 'at most once', entry: hub, protocol: 'lastra', acks: true },
  'socket.io': { name: 'Socket.IO', promise: 'at most once', entry: here('socket-io.mjs'), protocol: 'socketIo', acks: true },
  'socket.io-recovery': { name: 'Socket.IO with recovery', promise: 'in memory for 2 min; resumes', entry: here('socket-io.mjs'), protocol: 'socketIo', env: { RECOVERY: '1' }, acks: true, resumes: true, recovers: true },
  'ws': { name: 'bare ws', promise: 'at most once', entry: here('ws.mjs'), protocol: 'bare' },
  'crossws': { name: 'crossws publish', promise: 'at most once', entry: here('crossws.mjs'), protocol: 'bare' },
  'lastra-sse': { name: 'Lastra over SSE', promise: 'on disk before it is shown; resumes', entry: serverEntry, protocol: 'lastraSse', posted: true },
  'lastra-polling': { name: 'Lastra over polling', promise: 'on disk before it is shown; resumes', entry: serverEntry, protocol: 'lastraPolling', posted: true },
  'nchan-sse': { name: 'nginx nchan, EventSource', promise: 'in memory for 2 min; resumes within it', nchan: true, protocol: 'nchanSse', posted: true },
  'nchan-polling': { name: 'nginx nchan, long polling', promise: 'in memory for 2 min; resumes within it', nchan: true, protocol: 'nchanPolling', posted: true },
  'lastra-postgres': { name: 'Lastra on PostgreSQL', promise: 'on disk before it is shown; resumes', entry: serverEntry, protocol: 'lastra', guests: true, acks: true, resumes: true, nodes: 1 },
  'lastra-2-nodes': { name: 'Lastra, 2 nodes', promise: 'on disk before it is shown; resumes on any node', entry: serverEntry, protocol: 'lastra', guests: true, acks: true, resumes: true, nodes: 2 },
}

/** Why a candidate cannot be measured on this machine; undefined when it can. @param {keyof typeof CANDIDATES} key */
export function missing(key) {
  const { nchan: isNchan, nodes } = CANDIDATES[key]
  return isNchan ? nchan().missing : nodes ? missingEngines() : undefined
}

/** Puts the hub without its log together from the product's sources. */
export async function buildHub() {
  await bundle(here('hub.ts'), 'hub')
}

async function answers(url) {
  for (const end = performance.now() + 30_000; performance.now() < end;) {
    if (await fetch(url).then(() => true, () => false)) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error(`no answer from ${url}`)
}

/** Starts one of Node's programs, with the probe that tells from the inside what it used. */
function startNode(candidate, { folder, port, env }) {
  const child = spawn('taskset', ['-c', SERVER_CORE, process.execPath, '--expose-gc', '--import', probe, candidate.entry], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env, ...ROOMY, ...candidate.env, NODE_ENV: 'production', HOST: '127.0.0.1', PORT: String(port),
      NUXT_DATA_DIR: folder, NUXT_LOG_LEVEL: 'warn', NUXT_LIMITS_SESSIONS_PER_MINUTE: '1000000', NUXT_LIMITS_ROOMS_PER_MINUTE: '1000000',
      NUXT_LIMITS_PERSON_MB_PER_DAY: '1000000', NUXT_LIMITS_ADDRESS_MB_PER_DAY: '1000000', NUXT_LIMITS_ROOM_MB: '1000000',
      NUXT_LIMITS_CHAT_RATE: '1000000', NUXT_LIMITS_CHAT_BURST: '1000000', NUXT_LIMITS_FRAME_RATE: '1000000', NUXT_LIMITS_FRAME_BURST: '1000000', ...env,
    },
  })
  return {
    child,
    signal: 'SIGKILL',
    measure: () => new Promise((resolve, reject) => {
      const died = () => reject(new Error(`${candidate.name} has died`))
      child.once('close', died)
      child.once('message', (figures) => {
        child.off('close', died)
        resolve(figures)
      })
      child.send('measure')
    }),
  }
}

/**
 * Starts a candidate's server on the servers' processor; where it is several nodes, all of them, each client on the next one.
 *
 * @param {keyof typeof CANDIDATES} key
 * @param {{ folder?: string, env?: NodeJS.ProcessEnv }} options a folder whose data it shall serve, and what else it is told
 */
export async function startCandidate(key, { folder = mkdtempSync(join(tmpdir(), 'lastra-bench-')), env = {} } = {}) {
  const candidate = CANDIDATES[key]
  const engines = candidate.nodes ? await startEngines() : undefined
  const told = { ...env, ...engines && { NUXT_DATABASE_URL: engines.databaseUrl, ...candidate.nodes > 1 && { NUXT_REDIS_URL: engines.redisUrl } } }
  const nodes = []
  const stop = async () => {
    await Promise.all(nodes.map(node => node.stop()))
    engines?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    while (nodes.length < (candidate.nodes ?? 1)) nodes.push(await startProcess(candidate, { folder, env: told }))
  } catch (error) {
    await stop()
    throw error
  }
  let joined = 0
  const protocol = /** @type {any} */ ({ ...PROTOCOLS, ...POSTED_PROTOCOLS })[candidate.protocol]
  return {
    ...candidate,
    key,
    url: nodes[0].url,
    /** Joins a room as somebody new, or from where an earlier client was. */
    join: (room, onChat, from) => protocol({ ...candidate, url: nodes[joined++ % nodes.length].url }, room, onChat, from),
    /** What the server used since the last look: of several nodes all together, and the loop that was held up longest. */
    measure: async () => (await Promise.all(nodes.map(node => /** @type {any} */ (node).measure()))).reduce(together),
    stop,
  }
}

function together(one, other) {
  const sum = name => one[name] + other[name]
  return { ...one, cpuMs: sum('cpuMs'), rss: sum('rss'), heapUsed: sum('heapUsed'), external: sum('external'), loopP99: Math.max(one.loopP99, other.loopP99) }
}

/** Starts one process of a candidate, and waits until it answers. */
async function startProcess(candidate, { folder, env }) {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const { child, signal, measure } = candidate.nchan ? startNchan({ core: SERVER_CORE, folder, port }) : startNode(candidate, { folder, port, env })
  const exited = new Promise(resolve => child.once('close', resolve))
  const end = () => child.kill(/** @type {NodeJS.Signals} */ (signal))
  // A load that fails must not leave its server behind.
  process.once('exit', end)
  const stop = async () => {
    process.off('exit', end)
    end()
    await exited
  }
  await Promise.race([answers(url), exited.then(() => Promise.reject(new Error(`${candidate.name} did not start`)))]).catch(async (error) => {
    await stop()
    throw error
  })
  return { url, measure, stop }
}
