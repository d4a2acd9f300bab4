import { spawnSync } from 'node:child_process'
import { cpus } from 'node:os'
import { ensureBuild } from '../scripts/build.mjs'
import { buildHub, startCandidate } from './candidates.mjs'

const LOAD_CORE = '1'
/** No load takes longer by itself: one that does waits for what will not come. */
const RUN_MS = 180_000

/**
 * Starts this program anew on the load's processor, once.
 *
 * @returns {boolean} whether this process is to go on
 */
export function pinned() {
  if (process.env.LASTRA_BENCH_PINNED || cpus().length < 2) return true
  const { status } = spawnSync('taskset', ['-c', LOAD_CORE, process.execPath, ...process.argv.slice(1)], { stdio: 'inherit', env: { ...process.env, LASTRA_BENCH_PINNED: '1' } })
  process.exitCode = status ?? 1
  return false
}

/** Builds what is measured. */
export async function prepare() {
  if (await ensureBuild() !== 0) throw new Error('the build failed')
  await buildHub()
}

/**
 * Puts one load on several candidates in turn, each time on a fresh server.
 *
 * @param {import('./rows.mjs').Row} row
 * @param {string[]} keys
 * @param {{ runs: number, seconds: number }} scale
 * @param {(key: string, error: Error) => void} onFailure told of a run that failed, which then has no figures; throws unless given
 * @returns {Promise<Record<string, Record<string, number>[]>>} the figures of every run, by candidate
 */
export async function measureRow(row, keys, { runs, seconds }, onFailure = (_, error) => {
  throw error
}) {
  /** @type {Record<string, Record<string, number>[]>} */
  const measured = Object.fromEntries(keys.map(key => [key, []]))
  for (let run = 0; run < runs; run++) {
    // Each run begins with another one, so that nobody always has the warm or the tired machine.
    for (let n = 0; n < keys.length; n++) {
      const key = keys[(n + run) % keys.length]
      try {
        measured[key].push(await measureOnce(row, key, seconds))
        console.error(`${row.key}, ${key}: ${row.show(measured[key].at(-1) ?? {})}`)
      } catch (error) {
        onFailure(key, /** @type {Error} */ (error))
      }
    }
  }
  return measured
}

async function measureOnce(row, key, seconds) {
  const server = await startCandidate(key)
  let timer
  const tooLong = new Promise((_, reject) => timer = setTimeout(() => reject(new Error(`took longer than ${RUN_MS / 1000} s`)), RUN_MS))
  try {
    return await Promise.race([row.run(server, { seconds }), tooLong])
  } finally {
    clearTimeout(timer)
    await server.stop()
  }
}

/** The value in the middle; undefined where nothing was measured. */
export function median(values) {
  return values.filter(value => value !== undefined).toSorted((a, b) => a - b)[values.length >> 1]
}

/** One figure for each name, the median over the runs. */
export function medians(runs) {
  return Object.fromEntries(Object.keys(runs[0]).map(name => [name, median(runs.map(run => run[name]))]))
}
