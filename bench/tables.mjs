import { CANDIDATES } from './candidates.mjs'
import { ms } from './rows.mjs'

/**
 * What came of one load.
 *
 * @typedef {{ row: import('./rows.mjs').Row, figures: Record<string, Record<string, number>>, absent: Record<string, string>, runs?: Record<string, Record<string, number>[]> }} Result
 */

const lines = (head, rows) => [`| ${head.join(' | ')} |`, `|---|${head.slice(1).map(() => '---').join('|')}|`, ...rows.map(row => `| ${row.join(' | ')} |`)].join('\n')

function cell({ row, figures, absent }, key) {
  if (figures[key]) return row.show(figures[key])
  return absent[key] ? `– (${absent[key]})` : '–'
}

/** The figures of each load, candidate by candidate, under what each of them promises. @param {Result[]} results */
export function loadTable(results, keys) {
  return lines(['load', ...keys.map(key => CANDIDATES[key].name)], [
    ['*what is promised of a message*', ...keys.map(key => `*${CANDIDATES[key].promise}*`)],
    ...results.map(result => [result.row.title, ...keys.map(key => cell(result, key))]),
  ])
}

/** How late the servers' event loops came, where it was measured: by the same probe in all of them. @param {Result[]} results */
export function loopTable(results, keys) {
  const delay = ({ figures }, key) => figures[key]?.loopP99
  const measured = results.filter(result => keys.some(key => delay(result, key) !== undefined))
  if (measured.length === 0) return ''
  return lines(['event-loop delay of the server, p99 ms', ...keys.map(key => CANDIDATES[key].name)], measured.map(result => [
    result.row.key, ...keys.map(key => delay(result, key) === undefined ? '–' : ms(delay(result, key))),
  ]))
}
