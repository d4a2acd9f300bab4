import type { H3Event } from 'h3'
import { SESSION_COOKIE } from '../auth/requests'
import type { Lastra } from '../lastra'

/** Gives the browser a session cookie that scripts cannot read and other sites' forms do not send. */
export function setSessionCookie(event: H3Event, token: string, { config }: Lastra): void {
  setCookie(event, SESSION_COOKIE, token, {
    httpOnly: true,
    sameSite: 'lax',
    path: '/',
    maxAge: Math.round(config.tokenDays * 86_400),
    secure: getRequestProtocol(event, { xForwardedProto: config.trustProxy }) === 'https',
  })
}

/** Takes the session cookie back. */
export function clearSessionCookie(event: H3Event): void {
  deleteCookie(event, SESSION_COOKIE, { path: '/' })
}
