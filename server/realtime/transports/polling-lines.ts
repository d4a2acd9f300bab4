import { ProtocolError } from '#shared/protocol/errors'
import { CLOSE, LIMITS } from '#shared/protocol/limits'
import type { ServerResponse } from 'node:http'
import type { Connection } from '../connection'
import type { Realtime } from '../realtime'
import type { CarriedLine, FoundLines, NotedLine } from './bundle'
import { findLines, readLines } from './bundle'
import { BundleStream } from './bundle-stream'
import type { Pulled } from './line-elsewhere'
import { waitFor } from './polling'
import type { LineReader, Polled, PollingTransport } from './polling'

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
  /** Told of the lines that a stream carried at its end. */
  onLeft: (userId: string, ids: readonly string[]) => void = (userId, ids) => this.left(userId, ids)

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
    const stream = new BundleStream(this.realtime.newId(), userId, response, (left) => {
      this.streams.delete(stream.id)
      if (left.length > 0) this.onLeft(userId, left)
    })
    this.streams.set(stream.id, stream)
  }

  /** A stream of a user's. @throws ProtocolError `not_found` for a stream that is gone, or is another user's */
  stream(userId: string, streamId: string): BundleStream {
    const stream = this.streams.get(streamId)
    if (stream?.userId !== userId) throw new ProtocolError('not_found', 'stream_id: no such stream')
    return stream
  }

  /** The lines of a user's that a stream which has ended leaves to be read by others: they are given some time. */
  left(userId: string, ids: readonly string[]): void {
    const own = ids.filter(id => this.lines.get(id)?.userId === userId)
    if (own.length > 0) setTimeout(() => this.closeUnread(own), UNREAD_MS).unref()
  }

  /** Notes what the tabs of lines have, for a stream on another node. */
  note(userId: string, asked: readonly CarriedLine[]): { lines: NotedLine[], refused: FoundLines['refused'] } {
    const { lines, refused } = this.findAll(userId, asked)
    return { lines: lines.map(({ connectionId, after }) => ({ connectionId, after })), refused }
  }

  /**
   * Gives a stream on another node the frames of a line, as soon as there is one.
   *
   * @throws ProtocolError `not_found`, `forbidden`
   */
  async pull(userId: string, connectionId: string, after: number, waitMs: number, gone: AbortSignal): Promise<Pulled> {
    const { transport } = this.find(userId, connectionId)
    let replaced = false
    if (transport.following(after, 0).length === 0 && waitMs > 0 && !gone.aborted) {
      await waitFor(waitMs, gone, ({ arrived }) => {
        const reader: LineReader = {
          arrived,
          replaced() {
            replaced = true
            arrived()
          },
        }
        transport.attach(reader)
        return () => transport.detach(reader)
      })
    }
    const frames = replaced || gone.aborted ? [] : transport.following(after, LIMITS.pollBytes)
    const last = frames.at(-1)
    if (last) transport.gave(last.n)
    return { frames: frames.map(({ n, json }) => ({ n, json })), replaced }
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

  /** Finds lines of a user's, and notes what their tabs have. */
  findAll(userId: string, asked: readonly CarriedLine[]): FoundLines {
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
