import { useIntervalFn } from '@vueuse/core'
import { shallowRef } from 'vue'
import type { ShallowRef } from 'vue'
import { useCallStore } from '~/stores/call'
import type { MeshPeer } from '~/utils/call/mesh'
import { createSpeakerTracker } from '~/utils/call/speaking'
import { useAudioLevel } from './useAudioLevel'

export interface UseSpeakersOptions {
  links: () => ReadonlyMap<string, MeshPeer>
  /** This person's microphone. */
  mic: Readonly<ShallowRef<MediaStreamTrack | null>>
  /** The id this person has among the speakers. */
  self: string
}

export interface UseSpeakersReturn {
  /** Who speaks now, by peer id. */
  speaking: Readonly<ShallowRef<ReadonlySet<string>>>
  /** The other participant who holds the stage in the speaker layout. */
  active: Readonly<ShallowRef<string | undefined>>
}

const EVERY_MS = 200

/** Follows who speaks, from the levels the browser measures anyway. */
export function useSpeakers(options: UseSpeakersOptions): UseSpeakersReturn {
  const store = useCallStore()
  const own = createSpeakerTracker()
  const tracker = createSpeakerTracker()
  const level = useAudioLevel(options.mic)
  const speaking = shallowRef<ReadonlySet<string>>(new Set())
  const active = shallowRef<string>()

  useIntervalFn(() => {
    const now = performance.now()
    const levels = new Map<string, number>()
    const muted = new Set(store.participants.flatMap(one => one.mic ? [] : [one.peerId]))
    for (const [id, { link }] of options.links()) {
      const level = muted.has(id) ? 0 : link.transport?.audioLevel()
      // Nobody speaks, or holds the stage, from where no sound comes any more.
      if (level !== undefined && link.status === 'connected') levels.set(id, level)
    }
    tracker.update(levels, now)
    own.update(new Map([[options.self, options.mic.value?.enabled ? level.read() : 0]]), now)
    const next = new Set([...tracker.speaking(), ...own.speaking()])
    if (next.size !== speaking.value.size || [...next].some(id => !speaking.value.has(id))) speaking.value = next
    active.value = tracker.active()
  }, EVERY_MS)

  return { speaking, active }
}
