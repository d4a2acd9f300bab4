import type { EntryFrame } from '../../shared/protocol/frames'

/** One message somebody wanted to send. Neither acked nor failed: cut before the answer, so nobody can know. */
export interface Send {
  room: string
  clientMsgId: string
  text: string
  /** What the server answered, as often as it did. */
  acks: { seq: number, messageId?: string }[]
  /** Refused for good. */
  failed: boolean
}

/** An entry as a client applied it. */
export interface AppliedEntry {
  seq: number
  type: string
  messageId?: string
  clientMsgId?: string
  text?: string
  /** Of a `clear`: what stands at or below it is gone. */
  floorSeq?: number
}

/** One step of a client's view of a room. */
export type ViewStep
  = | { step: 'snapshot', entries: AppliedEntry[], head: number }
    | { step: 'apply', entries: AppliedEntry[] }
    | { step: 'floor', seq: number }

/** What a client showed when all was quiet. */
export interface FinalView {
  last: number
  messages: { seq: number, messageId: string, text: string }[]
}

/**
 * What one client did and saw, in order. A client that is reloaded goes on in the same history: it is the same person with the
 * same queue of unsent messages.
 */
export class ClientHistory {
  readonly sends: Send[] = []
  readonly views = new Map<string, ViewStep[]>()
  readonly finals = new Map<string, FinalView>()

  /** @param all every send of the run: one tab may send what another of the same person wrote */
  constructor(readonly name: string, readonly userId: string, private readonly all: Map<string, Send>) {}

  /** A message is about to be sent for the first time. */
  invoked(room: string, clientMsgId: string, text: string): void {
    const send: Send = { room, clientMsgId, text, acks: [], failed: false }
    this.sends.push(send)
    this.all.set(clientMsgId, send)
  }

  /** The server acknowledged it. */
  acked(clientMsgId: string, ack: { seq: number, messageId?: string }): void {
    this.sendOf(clientMsgId).acks.push(ack)
  }

  /** The server refused it for good. */
  failed(clientMsgId: string): void {
    this.sendOf(clientMsgId).failed = true
  }

  /** Everything held of a room was replaced by the newest part of its log. */
  snapshot(room: string, entries: readonly EntryFrame[], head: number): void {
    this.step(room, { step: 'snapshot', entries: entries.map(asApplied), head })
  }

  /** The next entries of a room's log were applied. */
  applied(room: string, entries: readonly EntryFrame[]): void {
    this.step(room, { step: 'apply', entries: entries.map(asApplied) })
  }

  /** Entries up to `seq` are gone. */
  floor(room: string, seq: number): void {
    this.step(room, { step: 'floor', seq })
  }

  /** All is quiet; this is what stands there. */
  ended(room: string, view: FinalView): void {
    this.finals.set(room, view)
  }

  private step(room: string, step: ViewStep): void {
    const steps = this.views.get(room)
    if (steps) steps.push(step)
    else this.views.set(room, [step])
  }

  private sendOf(clientMsgId: string): Send {
    const send = this.all.get(clientMsgId)
    if (!send) throw new Error(`${this.name} was answered for ${clientMsgId}, which nobody sent`)
    return send
  }
}

/** What all clients of a run did and saw. */
export class History {
  readonly clients: ClientHistory[] = []
  private readonly sends = new Map<string, Send>()

  /** Adds a client. */
  client(name: string, userId: string): ClientHistory {
    const client = new ClientHistory(name, userId, this.sends)
    this.clients.push(client)
    return client
  }
}

function asApplied(entry: EntryFrame): AppliedEntry {
  const { seq } = entry
  switch (entry.type) {
    case 'message.new':
    case 'message.replay':
      return { seq, type: 'message.new', messageId: entry.messageId, clientMsgId: entry.client_msg_id, text: entry.content.text }
    case 'message.edited':
    case 'message.deleted':
    case 'reaction':
      return { seq, type: entry.type, messageId: entry.messageId }
    case 'clear':
      return { seq, type: entry.type, floorSeq: entry.floor_seq }
    default:
      return { seq, type: entry.type }
  }
}
