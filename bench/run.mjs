import { parseArgs } from 'node:util'
import { CANDIDATES, missing } from './candidates.mjs'
import { machine, saveResult, today, versionOf } from './machine.mjs'
import { measureRow, medians, pinned, prepare } from './measure.mjs'
import { POSTED_ROWS } from './posted-rows.mjs'
import { ROWS } from './rows.mjs'
import { nchan } from './servers/nchan.mjs'
import { loadTable, loopTable } from './tables.mjs'

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    only: { type: 'string', multiple: true, default: [] },
    candidate: { type: 'string', multiple: true },
    nodes: { type: 'string', default: '0' },
    save: { type: 'boolean', default: false },
  },
})

/** By `--nodes 2` Lastra is compared with itself: embedded, on PostgreSQL, and as several nodes with a Redis. */
const chosen = options.candidate ?? (options.nodes === '0'
  ? Object.keys(CANDIDATES).filter(key => !CANDIDATES[key].nodes)
  : ['lastra', ...Object.keys(CANDIDATES).filter(key => CANDIDATES[key].nodes)])

/** What is compared with what: sockets with sockets, and streams and polls with their like. */
const TABLES = [
  { title: 'Over WebSockets', rows: ROWS, fits: candidate => !candidate.posted },
  { title: 'Over SSE and long polling', rows: POSTED_ROWS, fits: candidate => candidate.posted },
]

/** Puts one load on those of the candidates that can carry it and are there. @returns {Promise<import('./tables.mjs').Result>} */
async function resultOf(row, keys, scale) {
  const fitting = keys.filter(key => !row.fits || row.fits(CANDIDATES[key]))
  const absent = Object.fromEntries(fitting.flatMap(key => missing(key) ? [[key, missing(key)]] : []))
  const runs = await measureRow(row, fitting.filter(key => !absent[key]), scale, (key, error) => {
    console.error(`${row.key}, ${key}:`, error)
    absent[key] = 'failed'
  })
  const figures = Object.fromEntries(Object.entries(runs).filter(([key]) => !absent[key]).map(([key, list]) => [key, medians(list)]))
  return { row, runs, absent, figures }
}

async function main() {
  await prepare()
  const scale = { runs: Number(options.runs), seconds: Number(options.seconds) }
  const results = []
  for (const { title, rows, fits } of TABLES) {
    const keys = Object.keys(CANDIDATES).filter(key => chosen.includes(key) && fits(CANDIDATES[key]))
    const wanted = keys.length === 0 ? [] : rows.filter(row => options.only.length === 0 ? !row.apart || options.nodes !== '0' : options.only.includes(row.key))
    const measured = []
    for (const row of wanted) measured.push(await resultOf(row, keys, scale))
    if (measured.length > 0) console.log(`\n${title}\n\n${loadTable(measured, keys)}\n\n${loopTable(measured, keys)}`)
    results.push(...measured)
  }
  const versions = `socket.io ${versionOf('socket.io')}, ws ${versionOf('ws')}, crossws ${versionOf('crossws')}, nchan: ${nchan().version ?? nchan().missing}`
  const command = ['npm run bench', ...process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : []].join(' ')
  console.log(`\n\`${command}\`: medians of ${options.runs} interleaved runs of ${options.seconds} s, 200-byte texts, server on one processor and load on the other. `
    + `${machine()}; ${versions}. ${today()}.`)
  if (options.save) saveResult(today(), { command, versions, runs: results.map(({ row, runs, absent }) => ({ load: row.key, title: row.title, runs, absent })) })
  return results.every(({ absent }) => !Object.values(absent).includes('failed'))
}

if (pinned()) process.exit(await main() ? 0 : 1)
