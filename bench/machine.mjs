import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { root } from '../scripts/build.mjs'

/** What everything was measured on. */
export function machine() {
  return `${cpus()[0].model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}; Node ${process.versions.node}`
}

/** How busy the machine is by itself, before anything is measured: the load average of the last minute. */
export function busyness() {
  return loadavg()[0]
}

/** Today, as results are filed. */
export function today() {
  return new Date().toISOString().slice(0, 10)
}

/** The version of an installed package. @param {string} name */
export function versionOf(name) {
  return JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version
}

/** Files results with their day, machine and commit. @param {string} name the file's, under bench/results */
export function saveResult(name, result) {
  const folder = join(root, 'bench/results')
  mkdirSync(folder, { recursive: true })
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify({ date: today(), commit, machine: machine(), ...result }, null, 1)}\n`)
}
