import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { root } from '../scripts/build.mjs'

/** What figures were measured on, in a line. */
export function machine() {
  return `${cpus()[0].model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}; Node ${process.versions.node}`
}

/** How busy the machine is by itself, before anything is measured: the load average of the last minute. */
export function busyness() {
  return loadavg()[0]
}

/**
 * Keeps figures under `bench/results/`, with the day, the commit and the machine they are of.
 *
 * @param {string} name of the file, without its ending
 * @param {Record<string, unknown>} figures
 */
export function save(name, figures) {
  const folder = join(root, 'bench/results')
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify({ date: new Date().toISOString().slice(0, 10), commit, machine: machine(), ...figures }, null, 1)}\n`)
}
