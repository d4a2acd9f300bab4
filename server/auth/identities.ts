import { createHmac } from 'node:crypto'
import { SignJWT, jwtVerify } from 'jose'
import { LRUCache } from 'lru-cache'
import { ProtocolError } from '#shared/protocol/errors'
import type { User } from '#shared/protocol/frames'
import type { Identities as RealtimeIdentities } from '../realtime/context'
import { KeyedBuckets } from '../limits/token-bucket'
import type { Secrets } from './secrets'
import { unnamedSession } from './sessions'
import type { SessionClaim, Sessions } from './sessions'
import type { Identity } from './types'
import { DEFAULT_ORGANISATION } from './users'
import type { Users } from './users'

export interface IdentityOptions {
  users: Users
  sessions: Sessions
  secrets: Secrets
  guestsAllowed: boolean
  /** How long a token is believed, in days. */
  tokenDays: number
  /** New guests a minute from one address. */
  sessionsPerMinute: number
}

/** Tokens whose signature was found good and need not be checked again. */
const VERIFIED_TOKENS = 10_000

/** Everything about who someone is. Tokens are JWTs (RFC 7519), signed with HS256. */
export interface Identities extends RealtimeIdentities {
  /** Keeps somebody signed in for longer: a fresh token of the same session. */
  renew: (identity: Identity) => Promise<string>
  /** Ends the session a token is of. Harmless for one that is worth nothing. */
  revoke: (token: string) => Promise<void>
  rename: (identity: Identity, name: string) => Promise<User>
}

export function createIdentities({ users, sessions, secrets, guestsAllowed, tokenDays, sessionsPerMinute }: IdentityOptions): Identities {
  const key = new TextEncoder().encode(secrets.tokenSecret)
  const newGuests = new KeyedBuckets({ perSecond: sessionsPerMinute / 60, burst: sessionsPerMinute })

  const verified = new LRUCache<string, SessionClaim>({ max: VERIFIED_TOKENS })

  /** What a token claims, if it was signed here and is not over. A signature stays good; time and the user do not. */
  async function claims(token: string): Promise<SessionClaim | undefined> {
    const known = verified.get(token)
    if (known) return known.expiresAt > Date.now() ? known : undefined
    const payload = await jwtVerify(token, key, { algorithms: ['HS256'], requiredClaims: ['sub', 'exp'] }).then(result => result.payload, () => undefined)
    if (payload?.sub === undefined || payload.exp === undefined) return undefined
    const named = typeof payload.sid === 'string' ? payload.sid : undefined
    const claimed = { sid: named ?? unnamedSession(token), userId: payload.sub, expiresAt: payload.exp * 1000, isUnnamed: named === undefined }
    verified.set(token, claimed)
    return claimed
  }

  async function issue(user: User, sid: string): Promise<string> {
    return new SignJWT({ name: user.name, sid }).setProtectedHeader({ alg: 'HS256' })
      .setSubject(user.id).setIssuedAt().setExpirationTime(`${tokenDays * 86_400}s`).sign(key)
  }

  const endOfToken = (): number => Date.now() + tokenDays * 86_400_000

  return {
    async verify(token) {
      const claimed = await claims(token)
      if (!claimed || !await sessions.isAlive(claimed)) return undefined
      const known = await users.find(claimed.userId)
      return known && { ...known, sid: claimed.sid, expiresAt: claimed.expiresAt }
    },
    async renew({ user, sid }) {
      await sessions.extend({ sid, userId: user.id }, endOfToken())
      return issue(user, sid)
    },
    async revoke(token) {
      const claimed = await claims(token)
      if (claimed && await users.find(claimed.userId)) await sessions.revoke(claimed)
    },
    isRevoked: sid => sessions.isRevoked(sid),
    async createGuest(name, address) {
      if (!guestsAllowed) throw new ProtocolError('forbidden', 'guests are not allowed here')
      const wait = newGuests.take(address, performance.now())
      if (wait > 0) throw new ProtocolError('rate_limited', 'too many new guests from this address', { retryAfterMs: wait })
      const user = await users.createGuest(name)
      const expiresAt = endOfToken()
      const sid = await sessions.begin(user.id, expiresAt)
      return { identity: { user, orgId: DEFAULT_ORGANISATION, sid, expiresAt }, token: await issue(user, sid) }
    },
    async rename(identity, name) {
      await users.rename(identity.user.id, name)
      return { ...identity.user, name }
    },
    peerId: (userId, peerKey) => createHmac('sha256', secrets.peerSecret).update(`${userId}\n${peerKey}`).digest('base64url').slice(0, 22),
  }
}
