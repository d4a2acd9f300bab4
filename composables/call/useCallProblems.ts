import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import type { MediaKind, UseMediaStreamReturn } from './useMediaStream'
import { useCallText } from './useCallText'

/** A device or screen that is not as it was wanted, in words. */
export interface CallProblem {
  what: MediaKind
  message: string
}

const KINDS: readonly MediaKind[] = ['mic', 'cam', 'screen']

/**
 * All problems of one's own devices and screen, as they are worded.
 *
 * @param inCall before joining there is one more way on: without the device
 */
export function useCallProblems(media: Pick<UseMediaStreamReturn, 'problems'>, inCall: boolean): ComputedRef<CallProblem[]> {
  const text = useCallText()
  return computed(() => KINDS.flatMap((what) => {
    const why = media.problems.value[what]
    return why ? [{ what, message: text.problem(what, why, inCall) }] : []
  }))
}
