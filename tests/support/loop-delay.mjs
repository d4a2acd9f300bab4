import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Loaded into a server with `NODE_OPTIONS=--import`: measures how late its event loop is, and how late it would be on a
 * machine of its own: less what its thread waited for a processor that others had, which Linux counts (schedstat). SIGUSR2
 * writes what was measured since the last one, in milliseconds, to `loop-delay.json` in the server's data folder.
 */
const EVERY_MS = 5
const late = []
const ownLate = []
let at = performance.now()
let waited = waitedMs()
let cpu = process.cpuUsage()

/** How long this thread has been ready to run without a processor. */
function waitedMs() {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6
}

function tick() {
  const [now, waitedNow] = [performance.now(), waitedMs()]
  late.push(Math.max(0, now - at - EVERY_MS))
  ownLate.push(Math.max(0, now - at - EVERY_MS - (waitedNow - waited)))
  at = now
  waited = waitedNow
  setTimeout(tick, EVERY_MS).unref()
}

function percentile(values, share) {
  return [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0
}

process.on('SIGUSR2', () => {
  const { user, system } = process.cpuUsage(cpu)
  const measured = { p99: percentile(late, 0.99), ownP99: percentile(ownLate, 0.99), ownMax: percentile(ownLate, 1), cpu: (user + system) / 1000, samples: late.length }
  writeFileSync(join(process.env.NUXT_DATA_DIR, 'loop-delay.json'), JSON.stringify(measured))
  late.length = ownLate.length = 0
  cpu = process.cpuUsage()
})
tick()
