import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import { useCallWake } from '~/composables/call/useCallWake'

const lock = Object.assign(new EventTarget(), { release: vi.fn(() => Promise.resolve()) })
const request = vi.fn(() => Promise.resolve(lock))
const flush = () => new Promise(resolve => setTimeout(resolve))

beforeEach(() => {
  Object.defineProperty(navigator, 'wakeLock', { value: { request }, configurable: true })
})
afterEach(() => {
  Reflect.deleteProperty(navigator, 'wakeLock')
  vi.clearAllMocks()
})

describe('the screen in a call', () => {
  it('stays on for as long as the call lasts, and no longer', async () => {
    const isActive = ref(false)
    const scope = effectScope()
    scope.run(() => useCallWake(() => isActive.value))
    await flush()
    expect(request).not.toHaveBeenCalled()
    isActive.value = true
    await nextTick()
    await flush()
    expect(request.mock.calls).toEqual([['screen']])
    isActive.value = false
    await nextTick()
    await flush()
    expect(lock.release).toHaveBeenCalledTimes(1)
    scope.stop()
  })

  it('is let go with the page\'s part that asked for it, and a refusal is no harm', async () => {
    const scope = effectScope()
    scope.run(() => useCallWake(() => true))
    await flush()
    scope.stop()
    await flush()
    expect(lock.release).toHaveBeenCalledTimes(1)
    request.mockRejectedValueOnce(new DOMException('battery', 'NotAllowedError'))
    const other = effectScope()
    other.run(() => useCallWake(() => true))
    await flush()
    expect(request).toHaveBeenCalledTimes(2)
    other.stop()
  })

  it('is let go also where the call was over before the browser had answered', async () => {
    let grant = (_: typeof lock) => {}
    request.mockReturnValueOnce(new Promise<typeof lock>(resolve => grant = resolve))
    const isActive = ref(true)
    const scope = effectScope()
    scope.run(() => useCallWake(() => isActive.value))
    await flush()
    isActive.value = false
    await nextTick()
    grant(lock)
    await flush()
    expect(lock.release).toHaveBeenCalled()
    scope.stop()
  })
})
