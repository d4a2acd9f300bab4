/** Levels below this are breath and fan. A level is linear, 0 … 1. */
const THRESHOLD = 0.015
const HOLD_MS = 600
/** How long somebody else must speak alone before the speaker view turns to them. */
const TAKEOVER_MS = 900

/** Follows who speaks. */
export interface SpeakerTracker {
  /**
   * Takes the levels of everybody at one moment.
   *
   * @param levels by participant, 0 … 1
   * @param now milliseconds, growing
   */
  update: (levels: ReadonlyMap<string, number>, now: number) => void
  /** Who speaks now, with a short hold so that rings do not flicker between words. */
  speaking: () => ReadonlySet<string>
  /** Who holds the stage in the speaker layout: the last who spoke for a while. */
  active: () => string | undefined
}

/** Makes a tracker that neither flickers between words nor jumps at a cough. */
export function createSpeakerTracker(): SpeakerTracker {
  const heardAt = new Map<string, number>()
  const startedAt = new Map<string, number>()
  let speaking = new Set<string>()
  let active: string | undefined

  return {
    update(levels, now) {
      const next = new Set<string>()
      for (const [id, level] of levels) {
        if (level >= THRESHOLD) heardAt.set(id, now)
        if (now - (heardAt.get(id) ?? -Infinity) > HOLD_MS) continue
        next.add(id)
        if (!speaking.has(id)) startedAt.set(id, now)
      }
      for (const id of heardAt.keys()) if (!levels.has(id)) heardAt.delete(id)
      speaking = next
      if (active !== undefined && !levels.has(active)) active = undefined
      if (active !== undefined && next.has(active)) return
      const candidates = [...next].filter(id => now - (startedAt.get(id) ?? now) >= TAKEOVER_MS)
      if (candidates[0] !== undefined) active = candidates[0]
    },
    speaking: () => speaking,
    active: () => active,
  }
}
