import type { ServerFrame, ServerFrameOf } from '#shared/protocol/frames'

/** What can carry the frames of a connection, best first. */
export type TransportName = ServerFrameOf<'connection.established'>['transport']

/** Why a wire ended: a close code (CON-5), and how long the server asked to stay away. */
export interface WireEnd { code: number, reason: string, retryAfterMs?: number }

/** What a wire tells its owner, until it ended or was closed. */
export interface WireEvents {
  /** A frame came; `chars` is the length of its JSON. */
  frame: (frame: ServerFrame, chars: number) => void
  /** The wire is gone. Said once, and never after {@link Wire.close}. */
  closed: (end: WireEnd) => void
}

/** One try at a connection, from its opening to its end. */
export interface Wire {
  /** Hands a frame's JSON over, in order. False when it cannot be taken. */
  send: (text: string) => boolean
  /** How much was handed over and is not known to have left. */
  unsent: () => number
  /** Ends it; nothing is told any more. */
  close: () => void
}

/** Opens a wire at once; what happens is told through the events, never by an exception. */
export type OpenWire = (events: WireEvents) => Wire

/** A connection that just broke, as a browser reports it for a socket. */
export const BROKEN = 1006

/** Reads a frame; what is not JSON is nothing. */
export function parseFrame(text: string): ServerFrame | undefined {
  try {
    return JSON.parse(text) as ServerFrame
  } catch {
    return undefined
  }
}
