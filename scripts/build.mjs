import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's root, wherever the command was called from. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** The production server's entry. */
export const serverEntry = join(root, '.output/server/index.mjs')

const stamp = join(root, '.output/.sources')
const NOT_SOURCES = new Set(['node_modules', 'tests', 'bench', 'scripts', 'coverage', 'dist'])
const HIDDEN_SOURCES = new Set(['.env', '.nuxtrc'])

/** Every file a build can depend on: all but tooling, tests, pictures of documents and what builds leave behind. */
function* sources(folder) {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => a.name < b.name ? -1 : 1)
  for (const entry of entries) {
    if (entry.name.startsWith('.') && !HIDDEN_SOURCES.has(entry.name)) continue
    if (folder === root && (NOT_SOURCES.has(entry.name) || /\.log$/.test(entry.name))) continue
    const path = join(folder, entry.name)
    if (path.startsWith(join(root, 'docs/')) && entry.isFile() && !path.endsWith('.md')) continue
    if (entry.isDirectory()) yield* sources(path)
    else if (entry.isFile()) yield path
  }
}

/**
 * A digest of every source's path and content. Content and not modification times: those lie after a checkout,
 * a copy or the removal of a file.
 *
 * @returns {string} hexadecimal SHA-256
 */
export function sourceDigest() {
  const digest = createHash('sha256').update(process.version)
  for (const path of sources(root)) digest.update(`\0${relative(root, path)}\0`).update(readFileSync(path))
  return digest.digest('hex')
}

/** @returns {boolean} whether `.output` holds a build of exactly the present sources */
export function buildIsFresh() {
  return existsSync(serverEntry) && existsSync(stamp) && readFileSync(stamp, 'utf8') === sourceDigest()
}

/**
 * Runs a program to its end with this process's output and no input. A signal to this process ends it too.
 *
 * @param {string} command the program
 * @param {string[]} args its arguments
 * @param {NodeJS.ProcessEnv} [env] its environment; this process's own unless given
 * @returns {Promise<number>} its exit code, 1 when it was killed or could not be started
 */
export function run(command, args, env = process.env) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env })
    const forward = signal => child.kill(signal)
    for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, forward)
    const end = (code) => {
      for (const signal of ['SIGTERM', 'SIGINT']) process.off(signal, forward)
      resolve(code)
    }
    child.once('error', (error) => {
      console.error(`${command}: ${error.message}`)
      end(1)
    })
    child.once('close', code => end(code ?? 1))
  })
}

/**
 * Runs the Nuxt command line that is installed with the project.
 *
 * @param {string[]} args for example `['build']`
 * @returns {Promise<number>} its exit code
 */
export function nuxt(args) {
  return run(process.execPath, [join(root, 'node_modules/nuxt/bin/nuxt.mjs'), ...args])
}

/**
 * Makes the production build, and notes which sources it was made of.
 *
 * @returns {Promise<number>} the build's exit code
 */
export async function build() {
  // Taken first: what is edited while the build runs must count as newer than it.
  const digest = sourceDigest()
  const code = await nuxt(['build'])
  if (code === 0) writeFileSync(stamp, digest)
  return code
}

/**
 * Builds when there is no build of the present sources.
 *
 * @returns {Promise<number>} 0, or the failed build's exit code
 */
export async function ensureBuild() {
  return buildIsFresh() ? 0 : build()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await build()
