/**
 * Loaded into the server before its own code: notes how much processor time passes between two looks, a millisecond apart where nothing
 * holds the event loop up. The most of it is its longest turn, and does not depend on what else runs on the machine.
 */
const EVERY_MS = 1
let longest = 0
let last = process.cpuUsage()

setInterval(() => {
  const { user, system } = process.cpuUsage(last)
  last = process.cpuUsage()
  longest = Math.max(longest, (user + system) / 1000)
}, EVERY_MS).unref()
process.on('message', () => {
  process.send({ longest })
  longest = 0
})
process.channel?.unref()
