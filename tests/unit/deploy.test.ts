import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const files = [...readdirSync(`${root}deploy`).map(name => `deploy/${name}`), 'docs/deployment.md']
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8')

/** The server's own: `drainMs`, and after it the last resort of `server/plugins/drain.ts`. */
const ownEndS = () => {
  const drainMs = Number(/drainMs: (\d+)/.exec(read('nuxt.config.ts'))?.[1])
  const lastResortMs = Number(/LAST_RESORT_MS = ([\d_]+)/.exec(read('server/plugins/drain.ts'))?.[1]?.replaceAll('_', ''))
  return (drainMs + lastResortMs) / 1000
}

test.each(files)('%s names no setting that there is not', (path) => {
  const known = read('README.md')
  for (const [name] of read(path).matchAll(/NUXT_[A-Z_]+[A-Z]/g)) expect(known.includes(name) || known.includes(`${name}_`), name).toBe(true)
})

test.each(files)('[CON-7] who stops the server as in %s waits longer than it takes to send everybody away', (path) => {
  const patience = [...read(path).matchAll(/(?:TimeoutStopSec=|stop_grace_period: |stop-timeout |docker stop -t )(\d+)/g)].map(([, seconds]) => Number(seconds))
  for (const seconds of patience) expect(seconds).toBeGreaterThan(ownEndS())
  if (path.endsWith('.service') || path.endsWith('compose.yaml')) expect(patience).not.toEqual([])
})
