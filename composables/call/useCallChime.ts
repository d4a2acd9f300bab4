import { watch } from 'vue'
import type { Ref } from 'vue'
import { useKept } from '../app/useKept'
import { useCallStore } from '~/stores/call'
import { playChime } from '~/utils/call/chime'
import type { Chime } from '~/utils/call/chime'

/** Whether coming and going is heard, kept over visits. */
export function useChimeSetting(): Ref<boolean> {
  return useKept('lastra:chime', true)
}

/**
 * Sounds when others come into the call or go. Who was there before is no news, nor is oneself.
 *
 * @param play makes the sound
 */
export function useCallChime(play: (chime: Chime) => void = playChime): void {
  const store = useCallStore()
  const isOn = useChimeSetting()
  let known: ReadonlySet<string> | undefined

  watch(() => store.phase, phase => phase !== 'active' && (known = undefined))
  watch(() => store.participants, (participants) => {
    if (store.phase !== 'active') return
    const now = new Set(participants.map(one => one.peerId))
    const before = known
    known = now
    if (!before || !isOn.value) return
    if ([...now].some(id => !before.has(id))) play('joined')
    else if ([...before].some(id => !now.has(id))) play('left')
  })
}
