import { startPostgres } from './postgres'
import type { TestPostgres } from './postgres'
import { startProxy } from './proxies'
import type { TestProxy } from './proxies'
import { startRedis } from './redis'
import type { TestRedis } from './redis'
import { freePort, startServer } from './server'
import type { TestServer } from './server'

/** Servers that have a database and a Redis in common, behind a proxy that sends each request to another one of them. */
export interface ManyNodes {
  readonly nodes: readonly TestServer[]
  /** The proxy, over plain HTTP. */
  readonly url: string
  readonly wsUrl: string
  readonly redis: TestRedis
  readonly postgres: TestPostgres
  stop: () => Promise<void>
}

/**
 * Starts the built server twice before nginx, as `docs/proxies/nginx.conf` has it but for a second server and plain HTTP.
 *
 * @param env further variables of each server
 */
export async function startManyNodes(env: Record<string, string> = {}): Promise<ManyNodes> {
  const [postgres, redis] = await Promise.all([startPostgres({ durable: false }), startRedis()])
  const start = (): Promise<TestServer> => startServer({ env: { NUXT_DATABASE_URL: postgres.url('postgres'), NUXT_REDIS_URL: redis.url, NUXT_TRUST_PROXY: 'true', ...env } })
  const nodes: TestServer[] = [await start(), await start()]
  // Named where the configuration names one server; the upstream takes its place.
  const port = await freePort()
  const proxy: TestProxy = await startProxy('nginx', {
    port,
    change(config) {
      const location = config.slice(config.indexOf('    location / {'), config.lastIndexOf('  }\n}'))
      const upstream = `  upstream lastra {\n${nodes.map(node => `    server 127.0.0.1:${node.port} max_fails=0;`).join('\n')}\n  }\n`
      return config
        .replace('    return 308 https://$host$request_uri;', location)
        .replaceAll(`http://127.0.0.1:${port}`, 'http://lastra')
        .replace('\n  server {', `\n${upstream}\n  server {`)
    },
  })
  return {
    nodes, redis, postgres,
    url: proxy.plainUrl,
    wsUrl: `${proxy.plainUrl.replace('http', 'ws')}/api/chat.ws`,
    async stop() {
      await proxy.stop()
      await Promise.all(nodes.map(node => node.stop()))
      await redis.stop()
      await postgres.stop()
    },
  }
}
