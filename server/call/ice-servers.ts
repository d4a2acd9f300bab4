import { createHmac } from 'node:crypto'
import type { LastraConfig } from '../config'

/** One entry of an `RTCConfiguration`'s `iceServers`. */
export interface IceServer {
  urls: string[]
  username?: string
  credential?: string
}

/**
 * The ICE servers for one user. TURN credentials follow the TURN REST scheme that coturn's `use-auth-secret` checks
 * (draft-uberti-behave-turn-rest-00): `username = expiry:userId`, `credential = base64(HMAC-SHA1(secret, username))`.
 *
 * @param now milliseconds since 1970
 * @returns the servers, and for how many seconds the credentials hold
 */
export function iceServersFor({ turn, stunUrls }: Pick<LastraConfig, 'turn' | 'stunUrls'>, userId: string, now: number): { iceServers: IceServer[], ttl_s: number } {
  const iceServers: IceServer[] = []
  if (stunUrls.length > 0) iceServers.push({ urls: stunUrls })
  if (turn.urls.length > 0 && turn.secret !== '') {
    const username = `${Math.floor(now / 1000) + turn.ttlS}:${userId}`
    iceServers.push({ urls: turn.urls, username, credential: createHmac('sha1', turn.secret).update(username).digest('base64') })
  }
  return { iceServers, ttl_s: turn.ttlS }
}
