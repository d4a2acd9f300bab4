import { registerEndpoint } from '@nuxt/test-utils/runtime'
import { setResponseStatus } from 'h3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { useNuxtApp } from '#imports'
import { useGuest } from '~/composables/app/useGuest'
import { useSessionStore } from '~/stores/session'

const user = { id: 'u1', name: 'Ann', role: 'user' }
let isKept = true
registerEndpoint('/api/session', { method: 'POST', handler: () => ({ user, token: 't' }) })
registerEndpoint('/api/session', { method: 'GET', handler: (event) => {
  if (isKept) return { user }
  setResponseStatus(event, 401)
  return { code: 'unauthorized', message: 'nobody is here', retryable: false }
} })

const storage = Object.getOwnPropertyDescriptor(globalThis, 'localStorage')!
beforeEach(() => {
  useSessionStore().signedOut()
  Object.defineProperty(globalThis, 'localStorage', { configurable: true, get() {
    throw new DOMException('no', 'SecurityError')
  } })
})
afterEach(() => Object.defineProperty(globalThis, 'localStorage', storage))

const enter = () => useNuxtApp().runWithContext(() => useGuest().enter('Ann'))

describe('a browser that keeps nothing', () => {
  it('and drops the cookie too says so, instead of losing one again and again', async () => {
    isKept = false
    await expect(enter()).rejects.toThrow('This browser keeps no cookies for this site')
    expect(useSessionStore().user).toBeNull()
  })

  it('but takes the cookie lets one in', async () => {
    isKept = true
    await enter()
    expect(useSessionStore().user).toMatchObject({ id: 'u1' })
  })
})
