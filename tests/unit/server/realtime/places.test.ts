import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../../../../server/realtime/connection'
import { requirePlace, takeTurn } from '../../../../server/realtime/places'
import { createTestCore } from '../../../support/core'
import type { TestCore } from '../../../support/core'
import { FakeTransport } from '../../../support/fake-transport'

/** The test core's places of an address and of a user, and what an address may open at once. */
const PLACES = 64
const PER_USER = 10
const TURNS = 16 * PLACES

describe('the places of an address', () => {
  let core: TestCore

  beforeEach(async () => {
    core = await createTestCore()
  })
  afterEach(() => core.dispose())

  const identity = (id: string) => ({ user: { id, name: id, role: 'guest' as const }, orgId: 'main', sid: 'one', expiresAt: Number.MAX_SAFE_INTEGER })
  function open(as?: string): { connection: Connection, transport: FakeTransport } {
    const transport = new FakeTransport()
    return { transport, connection: core.realtime.open({ transport, address: 'a', identity: as === undefined ? undefined : identity(as) }) }
  }
  const asks = (userId?: string): string => {
    try {
      requirePlace(core.realtime.context, userId, 'a')
      return 'let in'
    } catch (error) {
      return (error as Error).message
    }
  }

  it('[CON-11] who has no identity finds half of the places at most, and keeps nobody out who has one', () => {
    for (let n = 0; n < PLACES / 2; n++) open()
    expect(asks()).toBe('too many connections from this address')
    expect(asks('ann')).toBe('let in')
  })

  it('[CON-11] the oldest of them gives way to one who has an identity, where the address is full', () => {
    const nameless = Array.from({ length: PLACES / 2 }, () => open())
    const named = Array.from({ length: PLACES / 2 }, (_, n) => open(`u${n >> 3}`))
    expect(asks('ann')).toBe('let in')
    const ann = open('ann')
    expect(ann.transport.closed).toBeUndefined()
    expect(nameless.map(({ transport }) => transport.closed?.code)).toEqual([4429, ...Array<undefined>(PLACES / 2 - 1).fill(undefined)])
    expect(named.every(({ transport }) => !transport.closed)).toBe(true)
    expect(core.realtime.context.registry.fromAddress('a')).toBe(PLACES)
  })

  it('[CON-6] a full address takes nobody, and a user no more than ten', () => {
    for (let n = 0; n < PLACES - 1; n++) open(`u${Math.floor(n / PER_USER)}`)
    expect(asks('u0')).toBe('too many connections of this user')
    expect(asks('ann')).toBe('let in')
    open('ann')
    expect(asks('bob')).toBe('too many connections from this address')
    const late = open('bob')
    expect(late.transport.closed).toMatchObject({ code: 4429 })
  })

  it('[CON-11] so has a user, who keeps nobody else of the address waiting', () => {
    for (let n = 0; n < 10 * PER_USER; n++) takeTurn(core.realtime.context, { userId: 'eve' })
    expect(() => takeTurn(core.realtime.context, { userId: 'eve' })).toThrow('too many new connections')
    expect(() => takeTurn(core.realtime.context, { userId: 'ann' })).not.toThrow()
    expect(() => takeTurn(core.realtime.context, { address: 'a' })).not.toThrow()
  })

  it('[CON-11] an address that opens one connection after the other has to wait', () => {
    for (let n = 0; n < TURNS; n++) takeTurn(core.realtime.context, { address: 'a' })
    expect(() => takeTurn(core.realtime.context, { address: 'a' })).toThrow('too many new connections')
    expect(() => takeTurn(core.realtime.context, { address: 'b' })).not.toThrow()
    core.advance(1000)
    for (let n = 0; n < PLACES; n++) takeTurn(core.realtime.context, { address: 'a' })
    expect(() => takeTurn(core.realtime.context, { address: 'a' })).toThrow('too many new connections')
  })
})
