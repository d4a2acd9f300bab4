import { ProtocolError } from '#shared/protocol/errors'
import type { User } from '#shared/protocol/frames'
import { kindOf } from './kinds'
import type { Place } from './kinds'
import type { Membership, Room } from './types'

/** What can be asked of a room (ACC-3). */
export const PERMISSIONS = [
  'find', 'read', 'join', 'write', 'edit-any', 'delete-any', 'clear', 'moderate', 'lock', 'rename', 'list', 'bots', 'ask', 'export', 'invite',
] as const
export type Permission = typeof PERMISSIONS[number]

/** Who asks: their role in the organisation, and their membership of the room, if they have either. */
export interface Asker {
  readonly role?: User['role']
  readonly membership?: Membership
}

/** Somebody's standing: in the organisation, and in a room. */
export interface Standing {
  role: User['role']
  membership: Membership
}

/** What is to be changed of a member's standing (LOG-7). */
export type MemberChange = Partial<Membership>

/** What a decision depends on of a room. */
export type Asked = Pick<Room, 'kind' | 'locked'>

const GLOBAL_MODERATORS: ReadonlySet<User['role']> = new Set(['operator', 'admin'])

/** Whether a role moderates every room of the organisation that it is in. */
export function moderatesEverywhere(role: User['role'] | undefined): boolean {
  return role !== undefined && GLOBAL_MODERATORS.has(role)
}

/** Everything somebody may do in a room. */
export function permissionsOf(asker: Asker, room: Asked): readonly Permission[] {
  const kind = kindOf(room)
  const place = placeOf(asker, kind.moderated)
  const may: readonly Permission[] = kind.may[place]
  return place === 'outside' && room.locked && !moderatesEverywhere(asker.role) ? may.filter(permission => permission !== 'join') : may
}

/**
 * What `room.state` tells one who is in a room that they may do (RES-2). `chat` is what `write` was called: a page of an earlier version
 * looks for it.
 */
export function toldPermissions(asker: Asker, room: Asked): string[] {
  const may = permissionsOf(asker, room).filter(permission => !DOOR.has(permission))
  return may.includes('write') ? ['chat', ...may] : [...may]
}

/** Whether somebody may do something in a room. The one function that decides it. */
export function allows(asker: Asker, room: Asked, permission: Permission): boolean {
  return permissionsOf(asker, room).includes(permission)
}

/**
 * As {@link allows}, said with its reason.
 *
 * @throws ProtocolError `not_found` for one who may not even know of the room, otherwise `forbidden`
 */
export function requireAllowed(asker: Asker, room: Asked, permission: Permission): void {
  const may = permissionsOf(asker, room)
  if (may.includes(permission)) return
  if (!may.includes('find')) throw new ProtocolError('not_found', 'room: does not exist')
  const { membership } = asker
  if (membership?.removed) throw new ProtocolError('forbidden', 'room: you were removed from it', { reason: 'removed' })
  if (permission === 'join') throw new ProtocolError('forbidden', 'room: is locked', { reason: 'locked' })
  if (!membership) throw new ProtocolError('forbidden', permission === 'read' ? 'room: only its members may read it' : 'room: join it first')
  if (membership.muted && MEMBERS.has(permission)) throw new ProtocolError('forbidden', 'room: you are muted here')
  throw new ProtocolError('forbidden', 'room: only its moderators may do this')
}

/** Who stands above whom: members, the room's hosts, operators, administrators. */
export function rankOf(role: User['role'], membership: Pick<Membership, 'role'>): number {
  if (role === 'admin') return 3
  if (role === 'operator') return 2
  return membership.role === 'host' ? 1 : 0
}

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

/** What being in a room says already. */
const DOOR: ReadonlySet<Permission> = new Set(['find', 'join', 'read'])

/** What only muting keeps a member from. */
const MEMBERS: ReadonlySet<Permission> = new Set(['write', 'ask', 'invite'])

function placeOf({ role, membership }: Asker, moderated: boolean): Place {
  if (!membership) return 'outside'
  if (membership.removed) return 'removed'
  if (membership.role === 'host' || (moderated && moderatesEverywhere(role))) return 'moderator'
  return membership.muted ? 'muted' : 'member'
}
