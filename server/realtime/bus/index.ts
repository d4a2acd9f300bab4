import type { Entry, ServerFrame } from '#shared/protocol/frames'

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

/** What became of a signal: `busy` where too much of its sender's waits for that peer already. */
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

/** What a node does with what comes over the bus. Whoever names only some of them hears the others not. */
export interface Receivers {
  frame: (message: BusMessage) => void
  signal: (message: PeerMessage) => Reached
  /** What another node has committed to a room, in `seq` order. */
  committed: (roomId: string, entries: Entry[]) => void
  control: (control: Control) => void
}

/**
 * What carries frames, signals, committed entries and control between nodes. It may lose: the database is the truth, and what is not
 * told is found there. In what order a node tells one room things, each other node hears them.
 */
export interface Bus {
  /** Sends a frame to its audience on every node, this one included. */
  publish: (message: BusMessage) => void
  /** Sends to one peer, wherever it is. */
  signal: (message: PeerMessage) => Promise<Reached>
  /** Tells the other nodes what was committed here: this one's log has told its own listeners. */
  committed: (roomId: string, entries: Entry[]) => void
  /** Tells every node, this one included. */
  control: (control: Control) => void
  /** Adds receivers of this node, to those there are. */
  subscribe: (receivers: Partial<Receivers>) => void
}
