/** The kind of a room that is one person's session with an agent. */
export const AGENT_ROOM = 'agent'

/** The kind of a room that was deleted and is being erased: for everybody it is not there. */
export const DROPPED = 'dropped'

/** A room as the running server knows it. One object per room while it is in use; changed only by committed entries. */
export interface Room {
  readonly id: string
  readonly orgId: string
  readonly name: string
  readonly kind: string
  title: string
  locked: boolean
  listed: boolean
  /** Since when a call is on. */
  callSince?: string
}

/** A user's standing in a room. */
export interface Membership {
  role: 'host' | 'member'
  muted: boolean
  removed: boolean
}
