import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { FaultPipe } from './fault-pipe'
import type { LineFaults } from './fault-pipe'

/** `up` is from the client to the server. */
export type Direction = 'up' | 'down'

/** What the network does. Whatever is left out of a change stays as it was. */
export interface Faults extends Record<Direction, LineFaults> {
  /** New connections are reset before a byte of them is read. */
  refuse: boolean
  /** What becomes of WebSocket upgrades: a 403, a reset, or silence, as from the different kinds of middleboxes. */
  upgrades: 'pass' | 'refuse' | 'reset' | 'hang'
}

/** A change of some faults; those of `both` go for both directions. */
export type FaultChange = Partial<Pick<Faults, 'refuse' | 'upgrades'>> & { [D in Direction | 'both']?: Partial<LineFaults> }

const SOUND: LineFaults = { delayMs: 0, jitterMs: 0, bytesPerSecond: Infinity, hole: false, cutAfter: Infinity }
const FORBIDDEN = 'HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n'
const HEAD_BYTES = 16 * 1024

/** One client's connection through the proxy. */
export interface ProxyConnection {
  /** The first line of its first request, as far as it has come. */
  readonly request: string
  readonly isWebSocket: boolean
  /** Changes the faults of this connection alone, until {@link FaultProxy.heal}. */
  set: (change: FaultChange) => void
  /** Resets both sides (RST). */
  reset: () => void
  /** One side goes; the other is not told and finds nobody who reads or answers: a half-open connection. */
  abandon: (side: 'client' | 'server') => void
}

/** A TCP proxy before a server that can be as bad as any network: for WebSocket, streams and polling alike. */
export interface FaultProxy {
  readonly port: number
  readonly url: string
  readonly wsUrl: string
  /** Those that are open on at least one side, oldest first. */
  readonly connections: readonly ProxyConnection[]
  /** How many connections clients have opened so far. */
  readonly accepted: number
  /** Changes the faults of all connections, present and future. */
  set: (change: FaultChange) => void
  /** Ends every fault. What was cut or abandoned stays so. */
  heal: () => void
  /** Resets all connections. */
  reset: () => void
  /** Resets all connections, the abandoned ones too, and takes no more. */
  close: () => Promise<void>
}

function sound(): Faults {
  return { refuse: false, upgrades: 'pass', up: { ...SOUND }, down: { ...SOUND } }
}

function changed(settings: Faults, change: FaultChange): Faults {
  return {
    refuse: change.refuse ?? settings.refuse,
    upgrades: change.upgrades ?? settings.upgrades,
    up: { ...settings.up, ...change.both, ...change.up },
    down: { ...settings.down, ...change.both, ...change.down },
  }
}

/**
 * Starts a proxy on a free port of the loopback.
 *
 * @param server where it leads; it may be down, then connections through here are reset
 * @param random source of jitter in [0, 1)
 */
export async function startFaultProxy(server: { port: number }, random: () => number = Math.random): Promise<FaultProxy> {
  const connections = new Set<Connection>()
  let settings = sound()
  let accepted = 0
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    accepted++
    client.on('error', () => undefined)
    if (settings.refuse) return void client.resetAndDestroy()
    const upstream = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    const connection: Connection = new Connection(client, upstream, settings, random, () => connections.delete(connection))
    connections.add(connection)
  })
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve))
  const { port } = listener.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${port}/api/chat.ws`,
    get connections() {
      return [...connections]
    },
    get accepted() {
      return accepted
    },
    set(change) {
      settings = changed(settings, change)
      for (const connection of connections) connection.set(change)
    },
    heal() {
      settings = sound()
      for (const connection of connections) connection.set(sound())
    },
    reset() {
      for (const connection of connections) connection.reset()
    },
    close() {
      for (const connection of connections) connection.reset()
      return new Promise(resolve => listener.close(() => resolve()))
    },
  }
}

class Connection implements ProxyConnection {
  private head = ''
  private headDone = false
  private readonly held: Buffer[] = []
  private settings: Faults
  private readonly pipes: Record<Direction, FaultPipe>

  constructor(private readonly client: Socket, private readonly server: Socket, settings: Faults, random: () => number, private readonly gone: () => void) {
    this.settings = settings
    const common = { random, onBroken: () => this.reset() }
    this.pipes = {
      up: new FaultPipe({ ...common, source: client, sink: server, onCut: () => this.cut(client, server), faults: () => this.settings.up, inspect: bytes => this.inspect(bytes) }),
      down: new FaultPipe({ ...common, source: server, sink: client, onCut: () => this.cut(server, client), faults: () => this.settings.down }),
    }
    for (const socket of [client, server]) {
      socket.on('error', () => undefined)
      socket.on('close', () => client.destroyed && server.destroyed && gone())
    }
  }

  get request(): string {
    return this.head.split('\r\n', 1)[0] ?? ''
  }

  get isWebSocket(): boolean {
    return /^upgrade:\s*websocket\s*$/im.test(this.head)
  }

  set(change: FaultChange): void {
    this.settings = changed(this.settings, change)
    for (const direction of ['up', 'down'] as const) {
      this.pipes[direction].changed((change[direction] ?? change.both)?.cutAfter !== undefined)
    }
  }

  reset(): void {
    this.stop()
    this.client.resetAndDestroy()
    this.server.resetAndDestroy()
    this.gone()
  }

  abandon(side: 'client' | 'server'): void {
    this.stop()
    const [going, staying] = side === 'client' ? [this.client, this.server] : [this.server, this.client]
    staying.pause()
    going.resetAndDestroy()
  }

  /** Reads the first request's head on its way, and stops an upgrade that is not to pass. */
  private inspect(bytes: Buffer): Buffer | undefined {
    if (this.headDone) return bytes
    this.head += bytes.toString('latin1')
    this.held.push(bytes)
    this.headDone = this.head.includes('\r\n\r\n') || this.head.length > HEAD_BYTES || !this.head.startsWith('GET '.slice(0, this.head.length))
    if (this.settings.upgrades !== 'pass') {
      // Held back as a whole: which header comes last is the client's affair.
      if (!this.headDone) return undefined
      if (this.isWebSocket) return this.stopUpgrade()
    }
    return Buffer.concat(this.held.splice(0))
  }

  private stopUpgrade(): undefined {
    if (this.settings.upgrades === 'reset') this.reset()
    if (this.settings.upgrades !== 'refuse') return
    this.stop()
    this.server.destroy()
    this.client.end(FORBIDDEN)
  }

  /** The receiver keeps what it got; the sender learns that it was cut. */
  private cut(sender: Socket, receiver: Socket): void {
    this.stop()
    sender.resetAndDestroy()
    receiver.destroySoon()
  }

  private stop(): void {
    this.pipes.up.stop()
    this.pipes.down.stop()
  }
}
