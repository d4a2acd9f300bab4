import { spawnSync } from 'node:child_process'
import { cpus } from 'node:os'
import { ensureBuild } from '../scripts/build.mjs'
import { buildHub, startCandidate } from './candidates.mjs'

const LOAD_CORE = '1'

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
 * @returns {Promise<Record<string, Record<string, number>[]>>} the figures of every run, by candidate
 */
export async function measureRow(row, keys, { runs, seconds }) {
  const measured = Object.fromEntries(keys.map(key => [key, []]))
  for (let run = 0; run < runs; run++) {
    // Each run begins with another one, so that nobody always has the warm or the tired machine.
    for (let n = 0; n < keys.length; n++) {
      const key = keys[(n + run) % keys.length]
      const server = await startCandidate(key)
      try {
        measured[key].push(await row.run(server, { seconds }))
      } finally {
        await server.stop()
      }
      console.error(`${row.key}, ${key}: ${row.show(measured[key].at(-1))}`)
    }
  }
  return measured
}

const median = values => values.toSorted((a, b) => a - b)[values.length >> 1]

/** One figure for each name, the median over the runs. */
export function medians(runs) {
  return Object.fromEntries(Object.keys(runs[0]).map(name => [name, median(runs.map(run => run[name]))]))
}
