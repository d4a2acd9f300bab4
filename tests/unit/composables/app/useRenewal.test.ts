import { createPinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { EffectScope } from 'vue'
import { effectScope } from 'vue'
import { useRenewal } from '../../../../composables/app/useRenewal'
import { useSessionStore } from '../../../../stores/session'
import { ChatError } from '../../../../utils/connection/chat-error'

const ann = { id: 'ann', name: 'Ann', role: 'guest' as const }
const refusal = (code: 'unauthorized' | 'unavailable') => new ChatError({ code, message: 'no', retryable: code === 'unavailable' })

describe('the session of a page that stays open', () => {
  let scope: EffectScope
  let session: ReturnType<typeof useSessionStore>
  const renew = vi.fn<() => Promise<number>>()

  beforeEach(() => {
    vi.useFakeTimers()
    renew.mockReset()
    scope = effectScope(true)
    session = useSessionStore(createPinia())
    scope.run(() => useRenewal({ session, api: { renew } }))
  })
  afterEach(() => {
    scope.stop()
    vi.useRealTimers()
  })

  it('is renewed when a third of its life is over, for as long as there is somebody', async () => {
    renew.mockResolvedValue(60_000)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(renew, 'nobody is here').not.toHaveBeenCalled()
    session.signedIn(ann)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(renew).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(renew).toHaveBeenCalledTimes(4)
    session.signedOut()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(renew).toHaveBeenCalledTimes(4)
  })

  it('that ran out is said to have, with who it was; a server that is away is asked again', async () => {
    renew.mockRejectedValueOnce(refusal('unavailable')).mockRejectedValueOnce(refusal('unauthorized'))
    session.signedIn(ann)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(session.user).toEqual(ann)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(session.user).toBeNull()
    expect(session.ended).toEqual(ann)
    session.signedIn({ ...ann, id: 'ann2' })
    expect(session.ended).toBeUndefined()
  })
})
