import { onScopeDispose, watch } from 'vue'
import type { Ref } from 'vue'

export interface UseAudioLevelReturn {
  /** The level now, linear, 0 … 1. */
  read: () => number
}

/** Measures how loud a local track is. Zero while there is none, and where the browser forbids it. */
export function useAudioLevel(track: Readonly<Ref<MediaStreamTrack | null>>): UseAudioLevelReturn {
  let context: AudioContext | undefined
  let source: MediaStreamAudioSourceNode | undefined
  let analyser: AnalyserNode | undefined
  const samples = new Float32Array(1024)

  function connect(next: MediaStreamTrack | null) {
    source?.disconnect()
    source = undefined
    if (!next) return
    context ??= new AudioContext()
    if (!analyser) {
      analyser = context.createAnalyser()
      analyser.fftSize = samples.length
    }
    source = context.createMediaStreamSource(new MediaStream([next]))
    source.connect(analyser)
  }

  watch(track, connect, { immediate: true })
  onScopeDispose(() => {
    source?.disconnect()
    context?.close().catch(() => undefined)
  })

  return {
    read() {
      if (!source || !analyser || !context) return 0
      // Without a click on the page the context starts suspended, as after a reload.
      if (context.state === 'suspended') context.resume().catch(() => undefined)
      analyser.getFloatTimeDomainData(samples)
      return Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length)
    },
  }
}
