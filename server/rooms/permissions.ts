import { ProtocolError } from '#shared/protocol/errors'
import type { User } from '#shared/protocol/frames'
import { AGENT_ROOM } from './types'
import type { Membership, Room } from './types'

/** What a user may do in a room, as `room.state.you.can` says it (RES-2, ROOM-1). */
export const PERMISSIONS = ['chat', 'edit-any', 'delete-any', 'clear', 'moderate', 'lock', 'rename', 'list', 'bots'] as const
export type Permission = typeof PERMISSIONS[number]

const GLOBAL_MODERATORS: ReadonlySet<User['role']> = new Set(['operator', 'admin'])

/** Whether a user moderates every room of the organisation. */
export function moderatesEverywhere(user: User): boolean {
  return GLOBAL_MODERATORS.has(user.role)
}

/** What one may do in one's session with an agent: nobody is let in, and no bot is switched. */
const OF_SESSION: readonly Permission[] = ['chat', 'delete-any', 'clear', 'rename']

/** Whether a user moderates a room: its hosts, and global operators and administrators, do (ROOM-1). */
export function moderates(user: User, membership: Membership): boolean {
  return membership.role === 'host' || moderatesEverywhere(user)
}

/** Who stands above whom: members, the room's hosts, operators, administrators. */
export function rankOf(role: User['role'], membership: Pick<Membership, 'role'>): number {
  if (role === 'admin') return 3
  if (role === 'operator') return 2
  return membership.role === 'host' ? 1 : 0
}

/** Somebody's standing: in the organisation, and in a room. */
export interface Standing {
  role: User['role']
  membership: Membership
}

/** What is to be changed of a member's standing (LOG-7). */
export type MemberChange = Partial<Membership>

/**
 * Whether a moderator may change a member's standing: nobody is removed, muted or demoted by one who stands below them, and a host
 * only after having been made a member. The one place where this is decided.
 *
 * @throws ProtocolError `forbidden`
 */
export function requireMayChange(moderator: Standing, target: Standing, { role, muted, removed }: MemberChange): void {
  const takesAway = role === 'member' || muted === true || removed === true
  if (takesAway && rankOf(target.role, target.membership) > rankOf(moderator.role, moderator.membership)) {
    throw new ProtocolError('forbidden', 'userId: stands above you')
  }
  if (target.membership.role === 'host' && (removed || muted)) throw new ProtocolError('forbidden', 'userId: make this host a member first')
}

/** Everything a member may do in a room. */
export function permissionsOf(user: User, membership: Membership, room: Pick<Room, 'kind'>): Permission[] {
  if (membership.removed) return []
  if (room.kind === AGENT_ROOM) return [...OF_SESSION]
  if (moderates(user, membership)) return [...PERMISSIONS]
  return membership.muted ? [] : ['chat']
}
