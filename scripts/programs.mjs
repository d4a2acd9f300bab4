import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
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

/** Where Debian keeps PostgreSQL's programs, the newest version first. */
function postgresFolders() {
  const versions = '/usr/lib/postgresql'
  if (!existsSync(versions)) return []
  return readdirSync(versions).sort((a, b) => Number(b) - Number(a)).map(version => join(versions, version, 'bin'))
}

/**
 * Finds a program on the search path, and where Debian puts those of administrators.
 *
 * @param {string} name
 * @returns {string | undefined} its path
 */
export function findProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin', '/usr/sbin']
  return [...folders.filter(Boolean), ...postgresFolders()].map(folder => join(folder, name)).find(executable)
}

/**
 * Finds an installed Chromium or Chrome: `CHROMIUM_PATH` first, then the usual names.
 *
 * @returns {string | undefined} its path
 */
export function findChromium() {
  const given = process.env.CHROMIUM_PATH
  if (given) return executable(given) ? given : undefined
  return NAMES.map(findProgram).find(Boolean)
}

/** Installs a Debian package where this user may. Its service is not started: tests start what they need themselves. */
async function install(name) {
  if (process.getuid?.() !== 0 || !findProgram('apt-get')) return
  console.log(`${name} is missing; installing Debian's package.`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', SYSTEMD_OFFLINE: '1' }
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

/** Programs of the tests beside Chromium, by the Debian package that brings them. */
const PACKAGES = { 'turnserver': 'coturn', 'nginx': 'nginx', 'haproxy': 'haproxy', 'openssl': 'openssl', 'postgres': 'postgresql', 'redis-server': 'redis-server' }

/**
 * Finds the TURN server, the proxies, openssl, PostgreSQL and Redis, and installs Debian's packages where they are missing and this user may.
 *
 * @returns {Promise<boolean>} whether all are there; when not, after a line for each that says what to do
 */
export async function ensurePrograms() {
  const missing = []
  for (const [program, name] of Object.entries(PACKAGES)) {
    if (!findProgram(program)) await install(name)
    if (!findProgram(program)) missing.push(name)
  }
  for (const name of missing) console.error(`The tests need ${name}. Run \`sudo apt-get install ${name}\`.`)
  return missing.length === 0
}
