import { describe, expect, it } from 'vitest'
import { Presence } from '../../../../server/realtime/presence'
import { requireMayChange } from '../../../../server/rooms/access'
import type { Standing } from '../../../../server/rooms/access'
import { LIMITS } from '../../../../shared/protocol/limits'

const standing = (role: Standing['role'], inRoom: 'host' | 'member' = 'member'): Standing => ({ role, membership: { role: inRoom, muted: false, removed: false } })
const LADDER = [standing('guest'), standing('guest', 'host'), standing('operator'), standing('admin')]
const TAKING = [{ removed: true }, { muted: true }, { role: 'member' }] as const

describe('who may change whose standing', () => {
  it('[LOG-7] nobody removes, mutes or demotes one who stands above them', () => {
    for (const [moderator, low] of LADDER.entries()) {
      for (const [target, high] of LADDER.entries()) {
        for (const change of TAKING) {
          const attempt = (): void => requireMayChange(low, high, change)
          if (target > moderator) expect(attempt, `${moderator} on ${target}`).toThrow('stands above you')
          else if (high.membership.role === 'host' && !('role' in change)) expect(attempt).toThrow('make this host a member first')
          else expect(attempt, `${moderator} on ${target}`).not.toThrow()
        }
      }
    }
  })

  it('[LOG-7] an operator who is a host of the room is demoted by neither host nor trick', () => {
    expect(() => requireMayChange(standing('guest', 'host'), standing('operator', 'host'), { role: 'member' })).toThrow('stands above you')
    expect(() => requireMayChange(standing('guest', 'host'), standing('operator', 'host'), { role: 'member', removed: true })).toThrow('stands above you')
    expect(() => requireMayChange(standing('guest', 'host'), standing('operator'), { removed: false, muted: false })).not.toThrow()
  })
})

describe('the places of one user in a room', () => {
  const user = { id: 'u', name: 'Ann', role: 'guest' } as const
  const membership = { role: 'member', muted: false, removed: false } as const

  it('[PRS-4] new peers without end keep no more places than a room can be told of, and the connected keep theirs', () => {
    const presence = new Presence()
    presence.enter('r', user, membership, 'kept', 'connected')
    for (let n = 0; n < 400; n++) {
      const change = presence.enter('r', user, membership, `peer${n}`, `c${n}`)
      expect(change?.member.peers.length).toBeLessThanOrEqual(LIMITS.peersPerUser)
      presence.setMedia('r', user.id, `peer${n}`, { in_call: true, mic: true, cam: true, screen: false, hand: false }, `c${n}`)
      presence.exit('r', user.id, `peer${n}`, `c${n}`, n + LIMITS.presenceGraceMs)
    }
    const peers = presence.members('r')[0]!.peers.map(({ peer_id }) => peer_id)
    expect(peers).toHaveLength(LIMITS.peersPerUser)
    expect(peers).toContain('kept')
    expect(peers).toContain('peer399')
    expect(peers).not.toContain('peer0')
  })

  it('[PRS-4] what is remembered of those that have gone has a bound as well', () => {
    const presence = new Presence()
    const media = { in_call: true, mic: true, cam: true, screen: false, hand: false }
    for (let n = 0; n < 100; n++) {
      presence.enter('r', user, membership, `peer${n}`, 'c')
      presence.setMedia('r', user.id, `peer${n}`, media, 'c')
      presence.exit('r', user.id, `peer${n}`, 'c', n)
      presence.expire(n)
    }
    const back = (peer: string) => presence.enter('r', user, membership, peer, 'c')?.member.peers.find(({ peer_id }) => peer_id === peer)?.media
    expect(back('peer99')).toEqual(media)
    expect(back('peer0')).toBeNull()
  })
})
