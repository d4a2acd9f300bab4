import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { root, serverEntry } from '../scripts/build.mjs'
import { ROOMY } from '../scripts/lines.mjs'
import { PROTOCOLS } from './protocols.mjs'

/** The processor servers run on; the load has the other one. */
const SERVER_CORE = '0'
const probe = new URL('probe.mjs', import.meta.url).href
const here = name => fileURLToPath(new URL(`servers/${name}`, import.meta.url))
const hub = join(root, 'node_modules/.cache/lastra-bench/hub.mjs')

/** What is compared, and what each promises about a message. */
export const CANDIDATES = {
  'lastra': { name: 'Lastra', promise: 'on disk before it is shown; resumes', entry: serverEntry, protocol: 'lastra', guests: true, acks: true, resumes: true },
  'lastra-hub': { name: 'Lastra’s hub, no log', promise: 'at most once', entry: hub, protocol: 'lastra', acks: true },
  'socket.io': { name: 'Socket.IO', promise: 'at most once', entry: here('socket-io.mjs'), protocol: 'socketIo', acks: true },
  'socket.io-recovery': { name: 'Socket.IO with recovery', promise: 'in memory for 2 min; resumes', entry: here('socket-io.mjs'), protocol: 'socketIo', env: { RECOVERY: '1' }, acks: true, resumes: true, recovers: true },
  'ws': { name: 'bare ws', promise: 'at most once', entry: here('ws.mjs'), protocol: 'bare' },
  'crossws': { name: 'crossws publish', promise: 'at most once', entry: here('crossws.mjs'), protocol: 'bare' },
}

/** Puts the hub without its log together from the product's sources. */
export async function buildHub() {
  await build({
    entryPoints: [here('hub.ts')], outfile: hub, bundle: true, platform: 'node', format: 'esm', target: 'node20', packages: 'external',
    alias: { '#shared': join(root, 'shared') }, logLevel: 'error',
  })
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

async function answers(url) {
  for (const end = performance.now() + 30_000; performance.now() < end;) {
    if (await fetch(url).then(() => true, () => false)) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error(`no answer from ${url}`)
}

/**
 * Starts a candidate's server on the servers' processor.
 *
 * @param {keyof typeof CANDIDATES} key
 */
export async function startCandidate(key) {
  const candidate = CANDIDATES[key]
  const data = mkdtempSync(join(tmpdir(), 'lastra-bench-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn('taskset', ['-c', SERVER_CORE, process.execPath, '--expose-gc', '--import', probe, candidate.entry], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env, ...ROOMY, ...candidate.env, NODE_ENV: 'production', HOST: '127.0.0.1', PORT: String(port),
      NUXT_DATA_DIR: data, NUXT_LOG_LEVEL: 'warn', NUXT_LIMITS_SESSIONS_PER_MINUTE: '1000000', NUXT_LIMITS_ROOMS_PER_MINUTE: '1000000',
      NUXT_LIMITS_CHAT_RATE: '1000000', NUXT_LIMITS_CHAT_BURST: '1000000', NUXT_LIMITS_FRAME_RATE: '1000000', NUXT_LIMITS_FRAME_BURST: '1000000',
    },
  })
  const exited = new Promise(resolve => child.once('close', resolve))
  await answers(url)
  const server = {
    ...candidate,
    key,
    url,
    /** Joins a room as somebody new, or from where an earlier client was. */
    join: (room, onChat, from) => PROTOCOLS[candidate.protocol](server, room, onChat, from),
    /** What the server used since the last look. */
    measure: () => new Promise((resolve) => {
      child.once('message', resolve)
      child.send('measure')
    }),
    async stop() {
      child.kill('SIGKILL')
      await exited
      rmSync(data, { recursive: true, force: true })
    },
  }
  return server
}
