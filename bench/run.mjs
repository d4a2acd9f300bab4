import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ensureBuild, root } from '../scripts/build.mjs'
import { CANDIDATES, buildHub, startCandidate } from './candidates.mjs'
import { ROWS } from './rows.mjs'

const LOAD_CORE = '1'
const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    only: { type: 'string', multiple: true, default: [] },
    candidate: { type: 'string', multiple: true, default: Object.keys(CANDIDATES) },
    floor: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
  },
})

/** Starts this program anew on the load's processor, once. */
function pinned() {
  if (process.env.LASTRA_BENCH_PINNED || cpus().length < 2) return true
  const { status } = spawnSync('taskset', ['-c', LOAD_CORE, process.execPath, ...process.argv.slice(1)], { stdio: 'inherit', env: { ...process.env, LASTRA_BENCH_PINNED: '1' } })
  process.exitCode = status ?? 1
  return false
}

const median = values => values.toSorted((a, b) => a - b)[values.length >> 1]

/** One figure for each name, the median over the runs. */
function medians(runs) {
  return Object.fromEntries(Object.keys(runs[0]).map(name => [name, median(runs.map(run => run[name]))]))
}

function versionOf(name) {
  return JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version
}

async function measureRow(row, keys) {
  const runs = Object.fromEntries(keys.map(key => [key, []]))
  for (let run = 0; run < Number(options.runs); run++) {
    // Each run begins with another one, so that nobody always has the warm or the tired machine.
    for (let n = 0; n < keys.length; n++) {
      const key = keys[(n + run) % keys.length]
      const server = await startCandidate(key)
      try {
        runs[key].push(await row.run(server, { seconds: Number(options.seconds) }))
      } finally {
        await server.stop()
      }
      console.error(`${row.key}, ${key}: ${row.show(runs[key].at(-1))}`)
    }
  }
  return runs
}

function table(results, keys) {
  const lines = results.map(({ row, figures }) => `| ${row.title} | ${keys.map(key => figures[key] ? row.show(figures[key]) : '–').join(' | ')} |`)
  return [
    `| load | ${keys.map(key => CANDIDATES[key].name).join(' | ')} |`,
    `|---|${keys.map(() => '---').join('|')}|`,
    `| *what is promised of a message* | ${keys.map(key => `*${CANDIDATES[key].promise}*`).join(' | ')} |`,
    ...lines,
  ].join('\n')
}

async function main() {
  if (await ensureBuild() !== 0) throw new Error('the build failed')
  await buildHub()
  const keys = Object.keys(CANDIDATES).filter(key => options.candidate.includes(key))
  const rows = ROWS.filter(row => options.only.length === 0 || options.only.includes(row.key))
  const results = []
  for (const row of rows) {
    const runs = await measureRow(row, keys.filter(key => !row.fits || row.fits(CANDIDATES[key])))
    results.push({ row, runs, figures: Object.fromEntries(Object.entries(runs).map(([key, list]) => [key, medians(list)])) })
  }
  const machine = `${cpus()[0].model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}; Node ${process.versions.node}; `
    + `socket.io ${versionOf('socket.io')}, ws ${versionOf('ws')}, crossws ${versionOf('crossws')}`
  const date = new Date().toISOString().slice(0, 10)
  console.log(table(results, keys))
  console.log(`\nMedians of ${options.runs} interleaved runs of ${options.seconds} s, 200-byte texts, server on one processor and load on the other. ${machine}. ${date}.`)
  if (options.save) {
    const folder = join(root, 'bench/results')
    mkdirSync(folder, { recursive: true })
    const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
    writeFileSync(join(folder, `${date}.json`), `${JSON.stringify({ date, commit, machine, runs: results.map(({ row, runs }) => ({ load: row.key, title: row.title, runs })) }, null, 1)}\n`)
  }
  return results
}

if (process.argv[1] === fileURLToPath(import.meta.url) && pinned()) {
  await main()
  process.exit()
}
