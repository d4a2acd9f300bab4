/**
 * Preloaded into a test's own server by `--import`: on SIGUSR2 it collects garbage and prints the figures of the process
 * as one line, `figures {…}`.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose_gc')
const gc = runInNewContext('gc')

process.on('SIGUSR2', () => {
  gc()
  const resources = {}
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  process.stdout.write(`figures ${JSON.stringify({ heapUsed, external, arrayBuffers, resources, listeners: listeners() })}\n`)
})

/** How many listeners the process and its HTTP servers and sockets have. */
function listeners() {
  const emitters = [process, process.stdout, process.stderr, ...process._getActiveHandles()]
  return emitters.flatMap(emitter => emitter.eventNames?.().map(name => emitter.listenerCount(name)) ?? []).reduce((sum, count) => sum + count, 0)
}
