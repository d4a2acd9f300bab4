import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../scripts/build.mjs'
import { CANDIDATES } from './candidates.mjs'
import { measureRow, medians, pinned, prepare } from './measure.mjs'
import { ROWS } from './rows.mjs'

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    only: { type: 'string', multiple: true, default: [] },
    candidate: { type: 'string', multiple: true, default: Object.keys(CANDIDATES) },
    save: { type: 'boolean', default: false },
  },
})

function versionOf(name) {
  return JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version
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
  await prepare()
  const scale = { runs: Number(options.runs), seconds: Number(options.seconds) }
  const keys = Object.keys(CANDIDATES).filter(key => options.candidate.includes(key))
  const rows = ROWS.filter(row => options.only.length === 0 || options.only.includes(row.key))
  const results = []
  for (const row of rows) {
    const runs = await measureRow(row, keys.filter(key => !row.fits || row.fits(CANDIDATES[key])), scale)
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
}

if (pinned()) {
  await main()
  process.exit()
}
