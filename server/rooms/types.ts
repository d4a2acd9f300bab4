/** A room as the running server knows it. One object per room while it is in use; changed only by committed entries. */
export interface Room {
  readonly id: string
  readonly orgId: string
  /** Its address: the name people gave it, where its kind has one, or `~` and its id (ACC-1). */
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
