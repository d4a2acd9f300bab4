import type { LinkReason } from './types'

/** What one attempt to connect showed, from which its failure is explained. */
export interface AttemptTrace {
  /** Whether anything came back from the other side. */
  answered: boolean
  /** Whether a TURN server is among the ICE servers. */
  turnConfigured: boolean
  /** Whether the TURN server gave this side an address. */
  relayed: boolean
  /** Whether the browser reported an error of an ICE server. */
  serverError: boolean
}

/**
 * Names why an attempt failed, for the person who reads it on a tile.
 * A wrong TURN secret leaves ICE at `new` without any error, so a missing relay address counts as a refusal.
 */
export function diagnose(trace: AttemptTrace): LinkReason {
  if (!trace.answered) return 'no-answer'
  if (!trace.turnConfigured) return 'needs-turn'
  if (!trace.relayed || trace.serverError) return 'turn-refused'
  return 'lost'
}

/** Whether a list of ICE servers has a TURN server. */
export function hasTurn(servers: readonly RTCIceServer[]): boolean {
  return servers.some(server => [server.urls].flat().some(url => /^turns?:/.test(url)))
}
