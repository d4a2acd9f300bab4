import { describe, expect, it } from 'vitest'
import { PERMISSIONS, allows, permissionsOf, requireAllowed, toldPermissions } from '../../../../server/rooms/access'
import type { Asker } from '../../../../server/rooms/access'
import { KINDS } from '../../../../server/rooms/kinds'
import type { KindName } from '../../../../server/rooms/kinds'
import type { Membership } from '../../../../server/rooms/types'

const membership = (change: Partial<Membership> = {}): Membership => ({ role: 'member', muted: false, removed: false, ...change })
const ASKERS = {
  'stranger': {},
  'outside': { role: 'guest' },
  'operator': { role: 'operator' },
  'member': { role: 'guest', membership: membership() },
  'muted': { role: 'guest', membership: membership({ muted: true }) },
  'removed': { role: 'guest', membership: membership({ removed: true }) },
  'removed operator': { role: 'operator', membership: membership({ removed: true }) },
  'host': { role: 'guest', membership: membership({ role: 'host' }) },
  'operator inside': { role: 'operator', membership: membership() },
} as const satisfies Record<string, Asker>
const room = { kind: 'room', locked: false }
const locked = { kind: 'room', locked: true }
const session = { kind: 'agent', locked: false }

describe('who may do what (ACC-2, ACC-3)', () => {
  it('[ACC-2] a room is found and joined by anyone, read by its members, and moderated by its hosts and by operators who are in it', () => {
    expect(permissionsOf(ASKERS.stranger, room)).toEqual(['find', 'join'])
    expect(permissionsOf(ASKERS.operator, room)).toEqual(['find', 'join'])
    expect(permissionsOf(ASKERS.member, room)).toEqual(['find', 'join', 'read', 'write', 'ask', 'invite'])
    expect(permissionsOf(ASKERS.muted, room)).toEqual(['find', 'join', 'read'])
    for (const asker of [ASKERS.removed, ASKERS['removed operator']]) expect(permissionsOf(asker, room)).toEqual(['find'])
    for (const asker of [ASKERS.host, ASKERS['operator inside']]) expect(permissionsOf(asker, room).toSorted()).toEqual([...PERMISSIONS].toSorted())
  })

  it('[ACC-2] a locked room takes nobody new but operators; those it has come and go', () => {
    for (const asker of [ASKERS.stranger, ASKERS.outside]) expect(permissionsOf(asker, locked)).toEqual(['find'])
    for (const asker of [ASKERS.operator, ASKERS.member, ASKERS.muted, ASKERS.host]) expect(allows(asker, locked, 'join')).toBe(true)
  })

  it('[ACC-1] [AGT-2] a session is there for its owner alone, whoever asks', () => {
    for (const [name, asker] of Object.entries(ASKERS)) {
      if (name === 'host') continue
      expect(permissionsOf(asker, session), name).toEqual([])
      for (const permission of PERMISSIONS) expect(() => requireAllowed(asker, session, permission)).toThrow(expect.objectContaining({ code: 'not_found' }))
    }
    expect(permissionsOf(ASKERS.host, session)).toEqual(['find', 'join', 'read', 'write', 'delete-any', 'clear', 'rename', 'export'])
  })

  it('a kind that this version does not know is nobody\'s', () => {
    for (const kind of ['dropped', 'of-tomorrow', 'toString', '__proto__']) {
      for (const asker of Object.values(ASKERS)) expect(permissionsOf(asker, { kind, locked: false })).toEqual([])
    }
  })

  it('[ACC-3] a refusal says why, and of what may not be found only that it does not exist', () => {
    expect(() => requireAllowed(ASKERS.outside, locked, 'join')).toThrow(expect.objectContaining({ code: 'forbidden', reason: 'locked' }))
    expect(() => requireAllowed(ASKERS.removed, room, 'join')).toThrow(expect.objectContaining({ code: 'forbidden', reason: 'removed' }))
    expect(() => requireAllowed(ASKERS.outside, room, 'read')).toThrow('only its members may read it')
    expect(() => requireAllowed(ASKERS.muted, room, 'write')).toThrow('you are muted here')
    expect(() => requireAllowed(ASKERS.muted, room, 'clear')).toThrow('only its moderators may do this')
    expect(() => requireAllowed(ASKERS.member, room, 'lock')).toThrow('only its moderators may do this')
  })

  it('[RES-2] who is in a room is told what they may do there, and an older page its word for writing', () => {
    expect(toldPermissions(ASKERS.member, room)).toEqual(['chat', 'write', 'ask', 'invite'])
    expect(toldPermissions(ASKERS.muted, room)).toEqual([])
  })

  it('[ACC-2] nobody may do more in a place further out, in any kind', () => {
    for (const kind of Object.keys(KINDS) as KindName[]) {
      const { outside, removed, muted, member, moderator } = KINDS[kind].may
      for (const [inner, outer] of [[moderator, member], [member, muted], [muted, outside], [outside, removed]] as const) {
        expect(inner, kind).toEqual(expect.arrayContaining([...outer]))
      }
    }
  })
})
