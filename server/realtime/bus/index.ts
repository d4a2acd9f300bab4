import type { Entry, ServerFrame, User } from '#shared/protocol/frames'
import type { Fact } from './facts'

/** Who is to hear something, on whichever node they are. */
export type Audience
  /** Who listens to a room: all but one connection or user, or only those who moderate it. */
  = | { to: 'room', roomId: string, exceptConnection?: string, exceptUser?: string, moderators?: true }
  /** All connections of a user: `outside`, but those that are in the room of this address. */
    | { to: 'user', userId: string, outside?: string }
    | { to: 'organisation', orgId: string }
    | { to: 'all' }

/** A frame for an audience. */
export interface BusMessage {
  audience: Audience
  frame: ServerFrame
  /** Frames of one key replace each other for a connection that lags behind (BP-1). */
  conflateKey?: string
}

/** A signal for one peer (RTC-1). */
export interface PeerMessage {
  roomId: string
  peerId: string
  /** The user who sends it. */
  from: string
  frame: ServerFrame
}

/** What became of a signal: `busy` where too much of its sender's waits for that peer already, or the other nodes cannot be asked now. */
export type Reached = 'reached' | 'gone' | 'busy'

/** What every node is to do, because a fact it holds has changed. */
export type Control
  /** A room is gone: nobody listens to it any more. */
  = | { type: 'evict', roomId: string }
  /** A sign-in has ended. */
    | { type: 'sign-out', sid: string }
  /** The transport policy is another one. */
    | { type: 'transport-policy' }
  /** An organisation's personas are others. */
    | { type: 'personas', orgId: string }
  /** A moderator switches a microphone off, or lowers a hand (RTC-6). */
    | { type: 'switch-off', roomId: string, room: string, userId: string, peerId?: string, by: User, mic?: false, hand?: false }
  /** A knock is answered, or taken back; who was turned away cannot knock at once again (ACC-5). */
    | { type: 'knock-over', roomId: string, userId: string, turnedAway?: true }
  /** An answer is to end as it stands (AI-3). */
    | { type: 'end-answer', streamId: string }
  /** A peer has a newer connection, or that one has gone again (CON-8). */
    | { type: 'replaced', peerId: string, by: string, gone?: true }

/** What a node does with what comes over the bus. Whoever names only some of them hears the others not. */
export interface Receivers {
  frame: (message: BusMessage) => void
  signal: (message: PeerMessage) => Reached
  /** What another node has committed to a room: in the order of that node, which is not the order of `seq`. */
  committed: (roomId: string, entries: Entry[]) => void
  control: (control: Control) => void
  /**
   * Another node says something of itself, or, without a value, takes it back.
   *
   * @param died the node itself is gone: nobody took anything back
   */
  fact: (node: string, fact: Fact, died: boolean) => void
  /**
   * Another node passes a request on, of a client whose connection is here. The first who answers it counts.
   *
   * @param body JSON, not checked
   * @param gone aborts when nobody waits for the answer any more
   * @returns JSON, or undefined for what is not one's own
   * @throws ProtocolError as the request would be answered here
   */
  request: (body: unknown, gone: AbortSignal) => Promise<string> | undefined
  /** How far the rooms' logs are that others are to hear of, by id. */
  heads: () => Readonly<Record<string, number>>
  /** How far a room's log is, as another node has seen it. */
  head: (roomId: string, head: number) => void
  /** What was told meanwhile was not heard: memory may be behind. */
  back: () => void
}

/**
 * What carries frames, signals, committed entries and control between nodes. It may lose: the database is the truth, and what is not
 * told is found there. In what order a node tells one room things, each other node hears them.
 */
export interface Bus {
  /** This node's name: letters and digits, another one at each start. */
  readonly node: string
  /** Whether there may be other nodes. */
  readonly hasOthers: boolean
  /** Sends a frame to its audience on every node, this one included. */
  publish: (message: BusMessage) => void
  /** Sends to one peer, wherever it is. */
  signal: (message: PeerMessage) => Promise<Reached>
  /** Tells the other nodes what was committed here: this one's log has told its own listeners. */
  committed: (roomId: string, entries: Entry[]) => void
  /** Tells every node, this one included. */
  control: (control: Control) => void
  /** Tells the other nodes something of this one, those that come later too, until it says otherwise or is gone. */
  tell: (fact: Fact) => void
  /**
   * Has another node answer a request.
   *
   * @param waitMs how long the answer may take by itself
   * @returns JSON
   * @throws ProtocolError `not_found` for a node that is gone or does not answer, and what the node answers with
   */
  ask: (node: string, body: unknown, waitMs: number, gone?: AbortSignal) => Promise<string>
  /** Adds receivers of this node, to those there are. */
  subscribe: (receivers: Partial<Receivers>) => void
  /** Whether others can be reached now. */
  isUp: () => boolean
  /** Says goodbye to the others. */
  close: () => Promise<void>
}

/** Hands a signal to the first of a node's receivers that has the peer. */
export function signalHere(receivers: readonly Partial<Receivers>[], message: PeerMessage): Reached {
  for (const { signal } of receivers) {
    const reached = signal?.(message) ?? 'gone'
    if (reached !== 'gone') return reached
  }
  return 'gone'
}
