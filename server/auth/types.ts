import type { User } from '#shared/protocol/frames'

/** Who a request or a connection is from, and until when that is believed. */
export interface Identity {
  user: User
  orgId: string
  /** The sign-in it rests on: ends with it, and alone. */
  sid: string
  /** Milliseconds since 1970 at which the token runs out. */
  expiresAt: number
}
