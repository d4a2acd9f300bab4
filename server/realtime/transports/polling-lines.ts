import { ProtocolError } from '#shared/protocol/errors'
import type { Connection } from '../connection'
import type { Realtime } from '../realtime'
import type { Polled, PollingTransport } from './polling'

/** How long the last frames of a closed connection wait to be fetched. */
const KEPT_AFTER_CLOSE_MS = 30_000

/** How long a client that is between two polls may take to come for its last frames when the server goes down. */
const LAST_POLL_MS = 1_000

/** RFC 6455, section 7.4.1. */
const NORMAL_CLOSURE = 1000

interface Line {
  readonly connection: Connection
  readonly transport: PollingTransport
  readonly userId: string
}

/** The polling connections by id, a while longer than they are open: a client learns of the end at its next poll. */
export class PollingLines {
  private readonly lines = new Map<string, Line>()

  constructor(private readonly realtime: Realtime) {}

  add(connection: Connection, transport: PollingTransport, userId: string): void {
    this.lines.set(connection.id, { connection, transport, userId })
    transport.onClosed = () => setTimeout(() => this.lines.delete(connection.id), KEPT_AFTER_CLOSE_MS).unref()
  }

  /**
   * Answers one poll (POL-1).
   *
   * @throws ProtocolError `not_found`, `forbidden` for another user's connection, `conflict` for an impossible `after`
   */
  async poll(userId: string, connectionId: string, after: number, waitMs: number, gone: AbortSignal): Promise<Polled> {
    const { connection, transport } = this.find(userId, connectionId)
    connection.heardAt = this.realtime.context.now()
    this.realtime.replaceOlder(connection)
    const polled = await transport.poll(after, waitMs, gone)
    if (transport.exhausted) this.lines.delete(connectionId)
    return polled
  }

  /** Resolves when all whose connection was closed know it, as far as they come back soon (CON-7). */
  async goodbyesFetched(): Promise<void> {
    const goodbyes = [...this.lines.values()].map(({ transport }) => transport.goodbyeGiven)
    await Promise.race([Promise.all(goodbyes), new Promise(resolve => setTimeout(resolve, LAST_POLL_MS))])
  }

  /** Closes a connection its client is done with. @throws ProtocolError `not_found`, `forbidden` */
  close(userId: string, connectionId: string): void {
    const { connection, transport } = this.find(userId, connectionId)
    transport.close(NORMAL_CLOSURE, 'closed by the client')
    this.realtime.closed(connection)
    this.lines.delete(connectionId)
  }

  private find(userId: string, connectionId: string): Line {
    const line = this.lines.get(connectionId)
    if (!line) throw new ProtocolError('not_found', 'connection_id: no such connection')
    if (line.userId !== userId) throw new ProtocolError('forbidden', 'connection_id: this connection is somebody else\'s')
    return line
  }
}
