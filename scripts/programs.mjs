import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run } from './build.mjs'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

function executable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Where a program is on the search path, or undefined. */
function which(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin']
  return folders.filter(Boolean).map(folder => join(folder, name)).find(executable)
}

/**
 * Finds an installed Chromium or Chrome: `CHROMIUM_PATH` first, then the usual names.
 *
 * @returns {string | undefined} its path
 */
export function findChromium() {
  const given = process.env.CHROMIUM_PATH
  if (given) return executable(given) ? given : undefined
  return NAMES.map(which).find(Boolean)
}

/** Installs a Debian package where this user may. */
async function install(name) {
  if (process.getuid?.() !== 0 || !which('apt-get')) return
  console.log(`${name} is missing; installing Debian's package.`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['update', '-q'], env)
  await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', name], env)
}

/**
 * Finds Chromium, and installs Debian's package where it is missing and this user may.
 *
 * @returns {Promise<string | undefined>} its path; undefined, after a line that says what to do, when it cannot be had
 */
export async function ensureChromium() {
  const found = findChromium()
  if (found) return found
  if (process.env.CHROMIUM_PATH) {
    console.error(`CHROMIUM_PATH=${process.env.CHROMIUM_PATH} cannot be run: point it at a Chromium or Chrome.`)
    return undefined
  }
  await install('chromium')
  const installed = findChromium()
  if (!installed) console.error('The browser tests need Chromium. Run `sudo apt-get install chromium`, or set CHROMIUM_PATH to a Chromium or Chrome.')
  return installed
}

/**
 * Finds coturn's `turnserver`, and installs Debian's package where it is missing and this user may.
 *
 * @returns {Promise<string | undefined>} its path; undefined, after a line that says what to do, when it cannot be had
 */
export async function ensureTurnServer() {
  if (!which('turnserver')) await install('coturn')
  const found = which('turnserver')
  if (!found) console.error('The tests of calls through a relay need coturn. Run `sudo apt-get install coturn`.')
  return found
}
