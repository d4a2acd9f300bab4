import { monitorEventLoopDelay } from 'node:perf_hooks'

/**
 * Loaded into every server that is measured, before its own code: answers over the process channel what it used since it was last
 * asked, so that all candidates are measured by the same clock from the inside.
 */
const RESOLUTION_MS = 5
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
delay.enable()
let cpu = process.cpuUsage()

/** How late the loop came, in milliseconds: Node also counts the time between two looks, which an idle loop shows as well. */
function late(ns) {
  return Math.max(0, ns / 1e6 - RESOLUTION_MS)
}

process.on('message', (message) => {
  if (message !== 'measure') return
  // Before the collections below, which are asked for by the bench and not by the load.
  const used = process.cpuUsage(cpu)
  const loopP99 = late(delay.percentile(99))
  // Twice, because the first one leaves what finalizers hold.
  globalThis.gc?.()
  globalThis.gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  const active = process.getActiveResourcesInfo()
  const resources = { timers: active.filter(name => name === 'Timeout').length, sockets: active.filter(name => name === 'TCPSocketWrap').length }
  process.send?.({ resources, cpuMs: (used.user + used.system) / 1000, rss, heapUsed, external, loopP99 })
  delay.reset()
  cpu = process.cpuUsage()
})
// A channel alone keeps nobody from ending.
process.channel?.unref()
