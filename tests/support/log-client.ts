import type { ServerFrame, ServerFrameOf } from '../../shared/protocol/frames'
import type { CursorEvent, CursorState } from '../../utils/room/cursor'
import { advance, joinFrom, newCursor } from '../../utils/room/cursor'
import type { RoomView } from '../../utils/room/room-view'
import { emptyRoom, withEntries, withFloor, withSnapshot } from '../../utils/room/room-view'
import type { TestClient, TestCore } from './core'
import type { ClientHistory, History } from './history'

export interface LogClientOptions {
  core: TestCore
  history: History
  name: string
  room: string
  /** What a client that gets the one rule wrong does on an `ack` (RES-7). */
  onAck?: (cursor: CursorState, ack: ServerFrameOf<'ack'>) => CursorState
}

/**
 * A client of the in-process core that keeps a view by the product's own cursor, and a history. Nothing reaches it by itself:
 * the test says when it takes what the server sent, so that every race can be driven on purpose.
 */
export class LogClient {
  readonly log: ClientHistory
  private cursor = newCursor()
  private view: RoomView
  private taken = new Set<ServerFrame>()
  private readonly sent = new Map<string, string>()
  private readonly pages: Promise<void>[] = []
  private count = 0

  private constructor(private readonly options: LogClientOptions, private client: TestClient) {
    this.log = options.history.client(options.name, client.userId)
    this.view = emptyRoom(options.room)
  }

  /** Connects, and joins. */
  static async enter(options: LogClientOptions): Promise<LogClient> {
    const client = new LogClient(options, await options.core.connect(options.name))
    client.join()
    await client.take()
    return client
  }

  /** Sends a message and does not wait. Returns its `client_msg_id`. */
  say(text: string): string {
    const clientMsgId = `${this.options.name}-${++this.count}`
    this.log.invoked(this.options.room, clientMsgId, text)
    this.sayAgain(clientMsgId, text)
    return clientMsgId
  }

  /** Sends a message again, as one does who got no answer. */
  sayAgain(clientMsgId: string, text: string): void {
    const id = `say-${this.sent.size}`
    this.sent.set(id, clientMsgId)
    this.client.send({ type: 'chat', id, room: this.options.room, text, client_msg_id: clientMsgId })
  }

  /** Takes what the server sent until nothing is left to take or to fetch. With `replies`, only those: they can come another way than the entries. */
  async take(which: 'all' | 'replies' = 'all'): Promise<void> {
    do {
      await Promise.all(this.pages.splice(0))
      await this.client.settled()
      for (const frame of this.client.transport.frames) {
        const isReply = frame.type === 'ack' || frame.type === 'error'
        if (this.taken.has(frame) || (which === 'replies' && !isReply)) continue
        this.taken.add(frame)
        this.receive(frame)
      }
    } while (this.pages.length > 0)
  }

  /** The connection is cut: what was not taken is lost. */
  cut(): void {
    this.options.core.realtime.closed(this.client.connection)
    this.move({ type: 'away' })
  }

  /** Connects again and asks to join from the cursor; {@link take} takes the answer. */
  async back(): Promise<void> {
    this.client = await this.options.core.connect(this.options.name, { userOf: this.client })
    this.taken = new Set()
    this.sent.clear()
    this.join()
  }

  /** All is quiet: notes what stands there. */
  end(): void {
    const messages = this.view.messages.map(({ seq, messageId, content }) => ({ seq, messageId, text: content.text }))
    this.log.ended(this.options.room, { last: this.cursor.last ?? 0, messages })
  }

  private join(): void {
    this.move({ type: 'joining' })
    this.client.send({ type: 'join', id: 'join', room: this.options.room, ...joinFrom(this.cursor) })
  }

  private receive(frame: ServerFrame): void {
    switch (frame.type) {
      case 'ack': return this.acked(frame)
      case 'error': return this.refused(frame)
      case 'room.state': return this.move({ type: 'state', epoch: frame.epoch, head: frame.head, floor: frame.floor })
      case 'room.reset': return this.move({ type: 'reset', epoch: frame.epoch })
      case 'replay.end': return this.move({ type: 'replay-end', from: frame.from_seq, head: frame.head })
      case 'message.new':
      case 'message.replay':
      case 'clear': return this.move({ type: 'entry', entry: frame })
    }
  }

  private acked(frame: ServerFrameOf<'ack'>): void {
    const clientMsgId = this.sent.get(frame.ref)
    if (clientMsgId === undefined) return
    this.log.acked(clientMsgId, { seq: frame.seq ?? 0, messageId: frame.messageId })
    this.cursor = this.options.onAck?.(this.cursor, frame) ?? this.cursor
  }

  private refused(frame: ServerFrameOf<'error'>): void {
    const clientMsgId = frame.ref === undefined ? undefined : this.sent.get(frame.ref)
    if (clientMsgId !== undefined && !frame.retryable) this.log.failed(clientMsgId)
  }

  private move(event: CursorEvent): void {
    const { room } = this.options
    const [next, effects] = advance(this.cursor, event)
    this.cursor = next
    for (const effect of effects) {
      if (effect.type === 'snapshot') {
        this.log.snapshot(room, effect.entries, effect.head)
        this.view = withSnapshot(this.view, effect.entries, effect.head)
      } else if (effect.type === 'apply') {
        this.log.applied(room, effect.entries)
        this.view = withEntries(this.view, effect.entries)
      } else if (effect.type === 'floor') {
        this.log.floor(room, effect.seq)
        this.view = withFloor(this.view, effect.seq)
      } else if (effect.type === 'fetch') {
        this.pages.push(this.page(effect.from, effect.generation))
      } else {
        this.join()
      }
    }
  }

  private async page(from: number, generation: number): Promise<void> {
    const roomId = this.client.connection.rooms.get(this.options.room)?.room.id
    if (roomId === undefined) return
    this.move({ type: 'page', generation, ...await this.options.core.log.since(roomId, from, 500) })
  }
}
