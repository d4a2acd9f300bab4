import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { ensureBuild, serverEntry } from './build.mjs'
import { ensureChromium } from './programs.mjs'

const CHROMIUM_FLAGS = [
  '--headless=new', '--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
  '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--allow-loopback-in-peer-connection', '--disable-background-timer-throttling', '--disable-renderer-backgrounding', '--disable-backgrounding-occluded-windows',
]

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (probe.address())
      probe.close(() => resolve(port))
    })
  })
}

/**
 * Asks until something truthy comes back.
 *
 * @template T
 * @param {() => T | Promise<T>} condition asked every 50 ms; an exception counts as "not yet"
 * @param {string} what named when it never came
 * @param {number} [timeout] milliseconds
 * @returns {Promise<T>}
 */
export async function until(condition, what, timeout = 30_000) {
  for (const end = performance.now() + timeout; performance.now() < end;) {
    const value = await Promise.resolve().then(condition).catch(() => undefined)
    if (value) return value
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error(`waited ${timeout} ms in vain for ${what}`)
}

/**
 * Runs the production server on a free port with data of its own, building it first where needed.
 *
 * @param {Record<string, string>} [env] variables for the server
 */
export async function startProduct(env = {}) {
  if (await ensureBuild() !== 0) throw new Error('the build failed')
  const data = mkdtempSync(join(tmpdir(), 'lastra-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(process.execPath, [serverEntry], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production', HOST: '127.0.0.1', PORT: String(port), NUXT_DATA_DIR: data, NUXT_LOG_LEVEL: 'warn', ...env },
  })
  const exited = new Promise(resolve => child.once('close', resolve))
  await until(async () => (await fetch(`${url}/api/health`)).ok, 'a healthy server')
  return {
    url,
    pid: child.pid,
    data,
    stop: async () => {
      child.kill('SIGTERM')
      await exited
      rmSync(data, { recursive: true, force: true })
    },
  }
}

/** Starts the system's Chromium with fake camera and microphone. */
export async function startChromium() {
  const executablePath = await ensureChromium()
  if (!executablePath) throw new Error('Chromium is missing')
  return chromium.launch({ executablePath, args: CHROMIUM_FLAGS })
}

/**
 * Opens a browser profile of somebody who already has a name.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {string} url the server's address
 * @param {string} name
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function person(browser, url, name, options = {}) {
  const context = await browser.newContext({ baseURL: url, permissions: ['camera', 'microphone'], viewport: { width: 1280, height: 800 }, ...options })
  const response = await context.request.post('/api/session', { data: { name } })
  if (!response.ok()) throw new Error(`no session for ${name}: ${response.status()}`)
  return { context, page: await context.newPage() }
}

/** The message field of a room's page; there once the room is joined. */
export function composer(page) {
  return page.getByRole('textbox', { name: /message/i })
}

/** Joins a room's call through the pre-join, as a person does. */
export async function joinCall(page) {
  await page.getByRole('button', { name: /^(?:Join the call|Start a call)/ }).click()
  await page.getByRole('button', { name: 'Join now' }).click()
  await page.getByRole('toolbar', { name: 'Call controls' }).waitFor()
}

/** Resident memory of a process in bytes. */
export function residentBytes(pid) {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(match?.[1] ?? Number.NaN) * 1024
}
