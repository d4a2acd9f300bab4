/** The notes of a chime in Hz: up for who comes, down for who goes. */
const NOTES = { joined: [523.25, 783.99], left: [659.25, 440] } as const
const LENGTH_S = 0.16
const LOUDNESS = 0.05

export type Chime = keyof typeof NOTES

let context: AudioContext | undefined

/** Plays two soft notes. Does nothing where the page may make no sound yet, or has no sound at all. */
export function playChime(chime: Chime): void {
  if (typeof AudioContext === 'undefined') return
  context ??= new AudioContext()
  const audio = context
  if (audio.state === 'suspended') void audio.resume().catch(() => undefined)
  for (const [index, frequency] of NOTES[chime].entries()) {
    const start = audio.currentTime + index * LENGTH_S * 0.75
    const loudness = new GainNode(audio, { gain: 0 })
    loudness.gain.setValueAtTime(0, start)
    loudness.gain.linearRampToValueAtTime(LOUDNESS, start + 0.02)
    loudness.gain.exponentialRampToValueAtTime(0.0001, start + LENGTH_S)
    const note = new OscillatorNode(audio, { frequency, type: 'sine' })
    note.connect(loudness).connect(audio.destination)
    note.start(start)
    note.stop(start + LENGTH_S)
  }
}
