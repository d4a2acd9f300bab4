import { measureRow, medians, pinned, prepare } from './measure.mjs'
import { ROWS } from './rows.mjs'

/**
 * A short run that fails when Lastra falls behind bare `ws` in the same minute on the same machine: a ratio says the same on every
 * machine, a time does not. The floors stand well below what is measured (docs/performance.md), so that only a lost
 * optimisation reaches them.
 */
const FLOORS = { 'lastra-hub': 5, 'lastra': 3 }
const SCALE = { runs: 3, seconds: 2 }

async function main() {
  await prepare()
  const row = /** @type {import('./rows.mjs').Row} */ (ROWS.find(({ key }) => key === 'fan-out-200'))
  const measured = await measureRow(row, ['ws', ...Object.keys(FLOORS)], SCALE)
  const figure = key => medians(measured[key])[row.figure]
  return Object.entries(FLOORS).map(([key, floor]) => {
    const ratio = figure(key) / figure('ws')
    console.log(`${row.title}, ${key} against bare ws: ${ratio.toFixed(2)} ×, at least ${floor} ×`)
    return ratio >= floor
  }).every(Boolean)
}

if (pinned()) process.exit(await main() ? 0 : 1)
