import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../scripts/programs.mjs'
import { freePort } from './server'
import { waitFor, within } from './wait'
import { ask } from './https'

export type ProxyKind = 'nginx' | 'haproxy'

export interface ProxyOptions {
  /** The port of the server behind. */
  port: number
  /** That of a second node: the file is then the one in `deploy`, for many nodes. */
  second?: number
  /** Changes the configuration further than addresses and paths. */
  change?: (config: string) => string
}

/** A real proxy in a process of its own, with the configuration that operators are given. */
export interface TestProxy {
  /** For example `https://127.0.0.1:23017`. */
  url: string
  wsUrl: string
  /** Where plain HTTP is answered. */
  plainUrl: string
  /** The certificate to trust. */
  ca: string
  stop: () => Promise<void>
}

const isRoot = process.getuid?.() === 0

/**
 * Starts a proxy with its file in `docs/proxies` or `deploy`, in which only addresses, ports, paths and the certificate are replaced.
 *
 * @throws with the proxy's output when it does not answer
 */
export async function startProxy(kind: ProxyKind, { port, second, change = config => config }: ProxyOptions): Promise<TestProxy> {
  const folder = await mkdtemp(join(tmpdir(), `lastra-${kind}-`))
  // The proxy's workers are another user than the one that makes this folder.
  await chmod(folder, 0o755)
  const ca = await makeCertificate(folder)
  const tls = await freePort()
  const plain = await freePort()
  const file = `${second === undefined ? 'docs/proxies' : 'deploy'}/${kind === 'nginx' ? 'nginx.conf' : 'haproxy.cfg'}`
  const text = await readFile(new URL(`../../${file}`, import.meta.url), 'utf8')
  const places = { folder, tls, plain, port, second }
  const config = join(folder, 'config')
  await writeFile(config, change(kind === 'nginx' ? nginxHere(text, places) : haproxyHere(text, places)))
  const program = findProgram(kind)
  if (!program) throw new Error(`${kind} is missing: run \`npm test\`, or install it`)
  const child = kind === 'nginx'
    ? spawn(program, ['-c', config, '-e', join(folder, 'error.log'), '-g', 'daemon off;'], { stdio: ['ignore', 'pipe', 'pipe'] })
    : spawn(program, ['-db', '-f', config], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (line: string) => output += line)
  const proxy = { url: `https://127.0.0.1:${tls}`, wsUrl: `wss://127.0.0.1:${tls}/api/chat.ws`, plainUrl: `http://127.0.0.1:${plain}`, ca }
  await waitFor(async () => (await ask(proxy, 'GET', '/api/health')).status === 200, { what: () => `${kind} that answers; its output:\n${output}` })
  return {
    ...proxy,
    stop: async () => {
      await end(child)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

interface Places {
  folder: string
  tls: number
  plain: number
  port: number
  second?: number
}

function nginxHere(text: string, { folder, tls, plain, port, second }: Places): string {
  const written = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `${name}_temp_path ${join(folder, name)};`).join('\n')
  return replaced(text, [
    ['pid /run/nginx.pid', `pid ${join(folder, 'nginx.pid')}`],
    ['http {\n', `http {\n${written}\n`],
    ['listen 80;', `listen 127.0.0.1:${plain};`],
    ['listen 443 ', `listen 127.0.0.1:${tls} `],
    ['/var/log/nginx/', `${folder}/`],
    ['/etc/ssl/lastra/', `${folder}/`],
    ...second === undefined
      ? [['http://127.0.0.1:3000', `http://127.0.0.1:${port}`]] as const
      : [['server 127.0.0.1:3001', `server 127.0.0.1:${port}`], ['server 127.0.0.1:3002', `server 127.0.0.1:${second}`]] as const,
  ])
}

function haproxyHere(text: string, { folder, tls, plain, port, second }: Places): string {
  const here = replaced(text, [
    ['bind :80', `bind 127.0.0.1:${plain}`],
    ['bind :443 ', `bind 127.0.0.1:${tls} `],
    ['/etc/haproxy/lastra.pem', join(folder, 'lastra.pem')],
    ['/dev/log', 'stdout format raw'],
    ...second === undefined
      ? [['server lastra 127.0.0.1:3000', `server lastra 127.0.0.1:${port}`]] as const
      // More than a test's machine may open.
      : [['maxconn 60000', 'maxconn 4000'], ['server node1 127.0.0.1:3001', `server node1 127.0.0.1:${port}`], ['server node2 127.0.0.1:3002', `server node2 127.0.0.1:${second}`]] as const,
  ])
  return isRoot ? here : here.replaceAll(/^ +(user|group|chroot) .*\n/gm, '')
}

/** Replaces what must be there: a configuration that says it otherwise would be tried elsewhere than here. */
function replaced(text: string, pairs: readonly (readonly [from: string, to: string])[]): string {
  return pairs.reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new Error(`the configuration does not say ${from}`)
    return result.replaceAll(from, to)
  }, text)
}

/** @returns the certificate, which is its own authority */
async function makeCertificate(folder: string): Promise<string> {
  const [cert, key] = [join(folder, 'fullchain.pem'), join(folder, 'privkey.pem')]
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert,
  ], { stdio: 'ignore' })
  const pem = await readFile(cert, 'utf8')
  await writeFile(join(folder, 'lastra.pem'), pem + await readFile(key, 'utf8'))
  return pem
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise(resolve => child.once('exit', resolve))
  // At once: nobody waits for open streams to end.
  child.kill('SIGTERM')
  await within(gone, 10_000, 'the proxy\'s end')
}
