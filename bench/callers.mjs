import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { root } from '../scripts/build.mjs'
import { bundle } from './bundle.mjs'

/**
 * Starts a process of people who call without a browser, each sending a small moving picture.
 *
 * @param {string} url the server's address
 */
export async function startCallers(url) {
  // simple-peer's prebuilt file is for browsers only.
  const program = await bundle(fileURLToPath(new URL('callers/process.ts', import.meta.url)), 'callers', { 'simple-peer/simplepeer.min.js': 'simple-peer' })
  const child = spawn(process.execPath, [program], { cwd: root, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  /** @type {Map<number, { resolve: (connected: number) => void, reject: (error: Error) => void }>} */
  const asked = new Map()
  let last = 0
  child.on('message', (/** @type {{ id: number, connected: number, error?: string }} */ { id, connected, error }) => {
    if (error) asked.get(id)?.reject(new Error(error))
    else asked.get(id)?.resolve(connected)
    asked.delete(id)
  })
  const gone = once(child, 'close')
  child.once('close', () => asked.forEach(({ reject }) => reject(new Error('the callers are gone'))))
  /** @returns {Promise<number>} */
  const ask = order => new Promise((resolve, reject) => {
    asked.set(order.id, { resolve, reject })
    child.send(order)
  })
  await new Promise((resolve, reject) => asked.set(0, { resolve, reject }))

  return {
    pid: /** @type {number} */ (child.pid),
    /** Enters a room's call as a new guest. */
    enter: (/** @type {string} */ room, /** @type {string} */ name) => ask({ id: ++last, order: 'enter', url, room, name }),
    leave: (/** @type {string} */ room, /** @type {string} */ name) => ask({ id: ++last, order: 'leave', room, name }),
    /** With how many others somebody is connected. */
    connected: (/** @type {string} */ room, /** @type {string} */ name) => ask({ id: ++last, order: 'connected', room, name }),
    stop: async () => {
      child.kill('SIGKILL')
      await gone
    },
  }
}
