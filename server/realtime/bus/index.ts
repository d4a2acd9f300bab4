import type { ServerFrame } from '#shared/protocol/frames'

/** A frame for a room's listeners, on whichever node they are. */
export interface BusMessage {
  roomId: string
  frame: ServerFrame
  /** Frames of one key replace each other for a connection that lags behind (BP-1). */
  conflateKey?: string
  exceptConnection?: string
  exceptUser?: string
  /** Only who moderates the room hears it. */
  toModerators?: true
}

/** A signal for one peer, on whichever node it is (RTC-1). */
export interface PeerMessage {
  roomId: string
  peerId: string
  /** The user who sends it. */
  from: string
  frame: ServerFrame
}

/** What became of a signal: `busy` where too much of its sender's waits for that peer already. */
export type Reached = 'reached' | 'gone' | 'busy'

/** What carries committed entries, states and signals between nodes. It may lose; the database is the truth. */
export interface Bus {
  publish: (message: BusMessage) => void
  /** Sends to one peer. */
  publishToPeer: (message: PeerMessage) => Promise<Reached>
  /** Names the receivers of this node; called once. */
  subscribe: (receivers: { room: (message: BusMessage) => void, peer: (message: PeerMessage) => Reached }) => void
}
