import type { LinkStats } from './stats'

/** Whether this computer keeps up with the call: not, barely, or with ease. */
export type Load = 'over' | 'tight' | 'easy'

/** The whole computer's state, as the browser's Compute Pressure API has it. */
export type SystemPressure = 'nominal' | 'fair' | 'serious' | 'critical'

/** Shares of the time from which on one codec, or all for each processor, is too much; browsers themselves react at 0.85. */
const OVER = { busy: 0.8, held: 0.5 } as const
/** A rung up costs up to twice the work, so only what is below these goes up. */
const TIGHT = { busy: 0.4, held: 0.05, dropped: 0.1 } as const

/**
 * How hard the media of all links works this computer.
 *
 * Frames that are received and not shown only make it tight: a page in the background does not show all of them either.
 * A system at its limit counts only on top of that: alone, what it is busy with leaves the call its time.
 *
 * @param links the newest reading of each link
 * @param cores processors
 * @param system what the browser says of the whole computer, where it does
 * @returns undefined while nothing tells, as without any video
 */
export function loadOf(links: Iterable<LinkStats>, cores: number, system?: SystemPressure): Load | undefined {
  const streams = [...links].flatMap(link => link.streams).filter(stream => stream.slot === 'cam' || stream.slot === 'screen')
  const measured = streams.filter(stream => stream.busy !== undefined || stream.held !== undefined)
  if (measured.length === 0) return undefined
  const total = measured.reduce((sum, stream) => sum + (stream.busy ?? 0), 0) / cores
  const busy = Math.max(total, ...measured.map(stream => stream.busy ?? 0))
  const held = Math.max(...measured.map(stream => stream.held ?? 0))
  const dropped = Math.max(...streams.map(stream => stream.dropped ?? 0))
  const isOver = busy >= OVER.busy || held >= OVER.held
  const isTight = busy >= TIGHT.busy || held >= TIGHT.held || dropped >= TIGHT.dropped
  if (isOver || (isTight && system === 'critical')) return 'over'
  return isTight ? 'tight' : 'easy'
}
