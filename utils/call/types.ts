import type { ReactionEmoji } from './reactions'

/** What a participant sends, each on a transceiver of its own, in the order of the SDP's media sections. */
export const SLOTS = ['mic', 'cam', 'screen', 'screenAudio'] as const
export type Slot = typeof SLOTS[number]

/** The kind of track each slot carries. */
export const SLOT_KIND: Record<Slot, 'audio' | 'video'> = { mic: 'audio', cam: 'video', screen: 'video', screenAudio: 'audio' }

/** The tracks of one participant by slot; an empty slot is null. */
export type SlotTracks = Record<Slot, MediaStreamTrack | null>

export type LinkStatus = 'connecting' | 'connected' | 'reconnecting' | 'unreachable'

/** Why a link is not connected. */
export type LinkReason
  = | 'needs-turn' | 'turn-refused' | 'no-answer' | 'signalling' | 'lost' | 'reloading'

/** What a participant shows of itself, as it is told to the others. */
export interface ParticipantState {
  mic: boolean
  cam: boolean
  screen: boolean
  hand: boolean
}

/** A link of somebody else that cannot be made: "Ann cannot reach Bob". */
export interface BrokenLink {
  peer: string
  reason: LinkReason
}

/** What travels over a link's data channel, so that it also works while signalling is away. */
export type DataMessage
  = | ({ t: 'state', broken: BrokenLink[] } & ParticipantState)
    | { t: 'bye', unload: boolean }
    | { t: 'reaction', emoji: ReactionEmoji }

/** Bounds on what one sender may use. */
export interface SendBudget {
  /** Bits per second of the camera. */
  camera: number
  /** Lines of the camera's picture; a larger capture is scaled down before it is encoded. */
  height: number
  /** Frames per second of the camera. */
  fps: number
  /** Bits per second of a shared screen. */
  screen: number
  /** Frames per second of a shared screen; its lines stay, so that text can be read. */
  screenFps: number
}

/** What this side sends at most, and why it is that much. */
export interface SendQuality {
  /** Everyone in the call, oneself included. */
  people: number
  /** How many rungs lower than the head-count asks for, because this computer is busy. */
  lowered: number
  budget: SendBudget
}

export const NO_TRACKS: Readonly<SlotTracks> = { mic: null, cam: null, screen: null, screenAudio: null }
