import { onScopeDispose, shallowRef, watch } from 'vue'
import type { ShallowRef } from 'vue'
import type { SystemPressure } from '~/utils/call/load'

/** The part of the Compute Pressure API that is used; Chromium has it, the others not yet. */
interface PressureObserver {
  observe: (source: 'cpu', options: { sampleInterval: number }) => Promise<void>
  disconnect: () => void
}
type PressureObserverClass = new (onRecords: (records: readonly { state: SystemPressure }[]) => void) => PressureObserver

/**
 * How busy the whole computer is, where the browser tells.
 *
 * @param isWanted watched only while it is
 */
export function useComputePressure(isWanted: () => boolean): Readonly<ShallowRef<SystemPressure | undefined>> {
  const state = shallowRef<SystemPressure>()
  let observer: PressureObserver | undefined

  function stop() {
    observer?.disconnect()
    observer = undefined
    state.value = undefined
  }

  watch(isWanted, (wanted) => {
    stop()
    const { PressureObserver } = globalThis as { PressureObserver?: PressureObserverClass }
    if (!wanted || !PressureObserver) return
    observer = new PressureObserver((records) => {
      state.value = records.at(-1)?.state
    })
    // A refusal leaves what the call's own statistics tell.
    observer.observe('cpu', { sampleInterval: 2_000 }).catch(() => undefined)
  })
  onScopeDispose(stop)
  return state
}
