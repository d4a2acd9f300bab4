import type { OwnTimers } from '../../timers'
import { nothing } from '../asking'
import { escaped } from '../../escaped'
import { withoutEnd } from '../ends'
import type { Answer } from '../types'

const UNITS: readonly (readonly [RegExp, number])[] = [[/^h/i, 3_600_000], [/^m/i, 60_000], [/^s/i, 1000]]
const ONE = '\\d{1,5}(?:\\.\\d{1,2})?\\s*-?(?:hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)\\b'
const LASTS = new RegExp(`(?:^|\\b(?:for|of|in)\\s+)(${ONE}(?:\\s*(?:,|and)?\\s*${ONE})*)`, 'i')
const LABEL_LENGTH = 120

/** Sets a timer from words such as `5 minutes tea`. When it ends is said in ISO 8601: pages show it by each reader's clock (AI-1). */
export async function setTimer(text: string, timers: OwnTimers): Promise<Answer> {
  const lasts = LASTS.exec(text)
  if (!lasts) return nothing('timers', 'A timer needs to know how long: “timer 5 minutes tea”.')
  const ms = [...lasts[1]!.matchAll(/(\d{1,5}(?:\.\d{1,2})?)\s*-?([hms])/gi)].reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS.find(([name]) => name.test(unit!))?.[1] ?? 0), 0)
  const label = withoutEnd(text.replace(lasts[0], ' '), ' .!').replace(/^[\s:,–—-]*(?:timer\b)?[\s:,–—-]*(?:(?:for|to|about|called)\s+)?/i, '').slice(0, LABEL_LENGTH)
  const due = await timers.set(label, ms)
  if (due === undefined) return nothing('timers', 'I cannot set that timer. One lasts a second to 24 hours, a room has ten at most, and one has to be allowed to write here.')
  return { skill: 'timers', found: true, sources: [], markdown: `The timer${label === '' ? '' : ` for “${escaped(label)}”`} ends at ${new Date(due).toISOString().replace(/\.\d+Z$/, 'Z')}. “Cancel the timer” takes it back.` }
}

/** Takes back the timer one set last. */
export async function cancelTimer(timers: OwnTimers): Promise<Answer> {
  const label = await timers.cancel()
  if (label === undefined) return nothing('timers', 'You have no timer running here.')
  return { skill: 'timers', found: true, sources: [], markdown: `The timer${label === '' ? '' : ` for “${escaped(label)}”`} is cancelled.` }
}
