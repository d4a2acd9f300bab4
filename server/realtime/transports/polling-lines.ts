import { ProtocolError } from '#shared/protocol/errors'
import { CLOSE } from '#shared/protocol/limits'
import type { ServerResponse } from 'node:http'
import { nanoid } from 'nanoid'
import type { Connection } from '../connection'
import type { Realtime } from '../realtime'
import type { CarriedLine, FoundLines } from './bundle'
import { findLines, readLines } from './bundle'
import { BundleStream } from './bundle-stream'
import type { Polled, PollingTransport } from './polling'

/** How long the last frames of a closed connection wait to be fetched. */
const KEPT_AFTER_CLOSE_MS = 30_000

/** How long a client that is between two polls may take to come for its last frames when the server goes down. */
const LAST_POLL_MS = 1_000

/** How long the lines of a stream that ended may be read by nobody: another tab takes over sooner (TAB-4). */
const UNREAD_MS = 10_000

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
  private readonly streams = new Map<string, BundleStream>()

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

  /**
   * Answers one read of many lines (TAB-2).
   *
   * @returns JSON, as {@link readLines} makes it
   */
  read(userId: string, asked: readonly CarriedLine[], waitMs: number, gone: AbortSignal): Promise<string> {
    return readLines(this.findAll(userId, asked), waitMs, gone)
  }

  /** Makes a response a stream of the lines that requests then name (TAB-3). */
  openStream(userId: string, response: ServerResponse): void {
    const stream = new BundleStream(nanoid(), userId, response, (left) => {
      this.streams.delete(stream.id)
      if (left.length > 0) setTimeout(() => this.closeUnread(left), UNREAD_MS).unref()
    })
    this.streams.set(stream.id, stream)
  }

  /**
   * Says which lines a stream carries from now on, and what their tabs have (TAB-3).
   *
   * @returns the lines it does not carry
   * @throws ProtocolError `not_found` for a stream that is gone, or is another user's
   */
  carry(userId: string, streamId: string, asked: readonly CarriedLine[]): FoundLines['refused'] {
    const stream = this.streams.get(streamId)
    if (stream?.userId !== userId) throw new ProtocolError('not_found', 'stream_id: no such stream')
    const found = this.findAll(userId, asked)
    stream.carry(found)
    return found.refused
  }

  /** Resolves when all whose connection was closed know it, as far as they come back soon (CON-7). */
  async goodbyesFetched(): Promise<void> {
    const goodbyes = [...this.lines.values()].map(({ transport }) => transport.goodbyeGiven)
    await Promise.race([Promise.all(goodbyes), new Promise(resolve => setTimeout(resolve, LAST_POLL_MS))])
    for (const stream of this.streams.values()) stream.end()
  }

  /** Closes a connection its client is done with. @throws ProtocolError `not_found`, `forbidden` */
  close(userId: string, connectionId: string): void {
    const { connection, transport } = this.find(userId, connectionId)
    transport.close(NORMAL_CLOSURE, 'closed by the client')
    this.realtime.closed(connection)
    this.lines.delete(connectionId)
  }

  /** Closes the lines nobody has read since their stream ended: a browser that is gone leaves no ghost for a minute. */
  private closeUnread(ids: readonly string[]): void {
    for (const id of ids) {
      const line = this.lines.get(id)
      if (!line || line.transport.isRead || line.transport.ended) continue
      line.transport.close(CLOSE.timeout, 'nobody reads it')
      this.realtime.closed(line.connection)
    }
  }

  private findAll(userId: string, asked: readonly CarriedLine[]): FoundLines {
    const now = this.realtime.context.now()
    return findLines(asked, ({ connection_id, idle_ms }) => {
      const { connection, transport } = this.find(userId, connection_id)
      // The tab itself, not the one that reads for it: a tab that is frozen is silent (PRS-2).
      connection.heardAt = Math.max(connection.heardAt, now - idle_ms)
      this.realtime.replaceOlder(connection)
      if (transport.exhausted) this.lines.delete(connection_id)
      return transport
    })
  }

  private find(userId: string, connectionId: string): Line {
    const line = this.lines.get(connectionId)
    if (!line) throw new ProtocolError('not_found', 'connection_id: no such connection')
    if (line.userId !== userId) throw new ProtocolError('forbidden', 'connection_id: this connection is somebody else\'s')
    return line
  }
}
