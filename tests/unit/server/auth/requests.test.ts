import { describe, expect, it } from 'vitest'
import { addressOf, isOriginAllowed, tokenOf } from '../../../../server/auth/requests'

const options = { allowedOrigins: new Set(['https://partner.example']), trustProxy: false }

describe('what a request says of itself', () => {
  it('[CON-1] lets in its own origin, the allowed ones, and requests of no page', () => {
    const allowed = (origin: string | undefined, host = 'chat.example:3000') => isOriginAllowed({ origin, host }, options)
    expect(allowed(undefined)).toBe(true)
    expect(allowed('https://chat.example:3000')).toBe(true)
    expect(allowed('https://partner.example')).toBe(true)
    for (const origin of ['https://evil.example', 'null', '', 'https://chat.example', 'https://chat.example:3000.evil.example', 'https://partner.example.evil']) {
      expect(allowed(origin), origin).toBe(false)
    }
  })

  it('[CON-1] believes a forwarded host only from a trusted proxy', () => {
    const headers = { 'origin': 'https://public.example', 'host': 'internal:3000', 'x-forwarded-host': 'public.example' }
    expect(isOriginAllowed(headers, options)).toBe(false)
    expect(isOriginAllowed(headers, { ...options, trustProxy: true })).toBe(true)
  })

  it('[CON-1] holds the scheme against the request\'s own, where that is known, and gives an unnamed port its scheme\'s', () => {
    const allowed = (origin: string, host: string, more: { encrypted?: boolean, proto?: string } = {}) =>
      isOriginAllowed({ origin, host, ...more.proto && { 'x-forwarded-proto': more.proto } }, { ...options, trustProxy: more.proto !== undefined, encrypted: more.encrypted })
    expect(allowed('http://chat.example', 'chat.example', { encrypted: true })).toBe(false)
    expect(allowed('http://chat.example', 'chat.example', { proto: 'https' })).toBe(false)
    expect(allowed('https://chat.example', 'chat.example', { proto: 'http, https' })).toBe(true)
    expect(allowed('https://chat.example', 'chat.example:443')).toBe(true)
    expect(allowed('http://chat.example', 'chat.example:443')).toBe(false)
    expect(allowed('chrome-extension://chat.example', 'chat.example')).toBe(false)
  })

  it('[CON-6] takes the address a trusted proxy wrote last, and no header from anyone else', () => {
    const headers = { 'x-forwarded-for': '1.1.1.1, 2.2.2.2' }
    expect(addressOf(headers, '9.9.9.9', false)).toBe('9.9.9.9')
    expect(addressOf(headers, '9.9.9.9', true)).toBe('2.2.2.2')
    expect(addressOf({}, '9.9.9.9', true)).toBe('9.9.9.9')
  })

  it('[CON-2] finds the token in the Authorization header, then in the cookie', () => {
    expect(tokenOf({ authorization: 'Bearer a.b.c', cookie: 'lastra_session=x.y.z' })).toBe('a.b.c')
    expect(tokenOf({ authorization: 'Basic abc', cookie: 'other=1; lastra_session=x.y.z' })).toBe('x.y.z')
    expect(tokenOf({ cookie: 'not_lastra_session=x' })).toBeUndefined()
  })
})
