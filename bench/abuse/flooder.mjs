import { FLOODS } from './floods.mjs'

/** Runs one flood in a process of its own: prepares, says so, floods when it is told to, and tells what became of it. */
const [key, url, seconds] = process.argv.slice(2)
const flood = FLOODS.find(one => one.key === key)
// Whoever started it may be gone: it must never flood on.
setTimeout(() => process.exit(1), 120_000).unref()
const prepared = await flood.prepare?.(url)
process.send('ready')
await new Promise(resolve => process.once('message', resolve))
const outcomes = await flood.run(url, performance.now() + Number(seconds) * 1000, prepared)
process.send(outcomes, () => process.exit(0))
