import type { Permission } from './access'

/** Where somebody stands towards a room, from outside to the one it is for. */
export type Place = 'outside' | 'removed' | 'muted' | 'member' | 'moderator'

/** What is true of every room of one kind (ACC-2). */
export interface RoomKind {
  /** Its rooms have names that people choose; the address of others is `~` and their id (ACC-1). */
  readonly named: boolean
  /** Joining a name that is free makes one. */
  readonly madeByJoining: boolean
  /** Whether it stands among a person's rooms, and may be listed for everyone. */
  readonly listed: boolean
  /** Operators and administrators moderate its rooms once they are in. */
  readonly moderated: boolean
  /** Bots can be switched on in it. */
  readonly hasBots: boolean
  /** What each may do there. A locked room takes no new members: see `access.ts`. */
  readonly may: Readonly<Record<Place, readonly Permission[]>>
}

const DOOR = ['find', 'join'] as const
const READER = [...DOOR, 'read'] as const
const MEMBER = [...READER, 'write', 'ask', 'invite'] as const
const MODERATOR = [...MEMBER, 'edit-any', 'delete-any', 'clear', 'moderate', 'lock', 'rename', 'list', 'bots', 'export'] as const
/** One's own session with an agent: nobody is let in, and no bot is switched. */
const OWNER = [...READER, 'write', 'delete-any', 'clear', 'rename', 'export'] as const

/** Every kind of room there is. A new one is a row here. */
export const KINDS = {
  /** A room anyone with its name comes into. */
  room: {
    named: true, madeByJoining: true, listed: true, moderated: true, hasBots: true,
    may: { outside: DOOR, removed: ['find'], muted: READER, member: MEMBER, moderator: MODERATOR },
  },
  /** One person's session with an agent (AGT-2). */
  agent: {
    named: false, madeByJoining: false, listed: false, moderated: false, hasBots: false,
    may: { outside: [], removed: [], muted: [], member: [], moderator: OWNER },
  },
} as const satisfies Record<string, RoomKind>

export type KindName = keyof typeof KINDS

/** The kind of a room that was deleted and is being erased: for everybody it is not there. */
export const DROPPED = 'dropped'

/** What is true of a room's kind. One that this version does not know is nobody's. */
export function kindOf({ kind }: { readonly kind: string }): RoomKind {
  return Object.hasOwn(KINDS, kind) ? KINDS[kind as KindName] : NOBODYS
}

/** The kinds whose rooms stand among a person's rooms. */
export const LISTED_KINDS = Object.entries<RoomKind>(KINDS).filter(([, { listed }]) => listed).map(([name]) => name)

const NOBODYS: RoomKind = {
  named: false, madeByJoining: false, listed: false, moderated: false, hasBots: false,
  may: { outside: [], removed: [], muted: [], member: [], moderator: [] },
}
