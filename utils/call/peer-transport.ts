import type { DataMessage, SendBudget, Slot, SlotTracks } from './types'
import type { AttemptTrace } from './diagnosis'

/** What a transport tells its link. */
export interface PeerTransportEvents {
  onSignal: (data: Record<string, unknown>) => void
  /** Media and data flow. */
  onConnected: () => void
  /** ICE lost its path (`false`) or has it again (`true`); a lost one may come back by itself. */
  onPath: (alive: boolean) => void
  onData: (message: DataMessage) => void
  /** The remote side's tracks are known; they carry media only when the sender fills them. */
  onTracks: (tracks: SlotTracks) => void
  /** It is over: failed, closed by the other side, or broken. Not called after {@link PeerTransport.destroy}. */
  onClosed: () => void
}

export interface PeerTransportOptions {
  initiator: boolean
  iceServers: RTCIceServer[]
  events: PeerTransportEvents
}

/** One connection to one participant: media in four fixed slots and a data channel. */
export interface PeerTransport {
  signal: (data: Record<string, unknown>) => void
  send: (message: DataMessage) => void
  /** Fills or empties a slot. Never renegotiates. */
  setTrack: (slot: Slot, track: MediaStreamTrack | null) => void
  setBudget: (budget: SendBudget) => void
  /** Whether the browser closed the connection without telling. */
  isClosed: () => boolean
  /** What this attempt has shown so far. */
  trace: () => AttemptTrace
  getStats: () => Promise<RTCStatsReport>
  /** The slot of a media section's `mid`, as statistics name it. */
  slotOf: (mid: string) => Slot | undefined
  /** The remote microphone's level now, 0 … 1; undefined while no sound comes, silence included. */
  audioLevel: () => number | undefined
  destroy: () => void
}

export type PeerTransportFactory = (options: PeerTransportOptions) => PeerTransport
