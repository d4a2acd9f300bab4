import { count } from './asking'
import type { Asking } from './asking'
import { daysFrom } from './times'
import type { Clock } from './times'
import type { Line } from './types'

/** A stretch of the room: its lines, and what it is, to be said in the answer. */
export interface Stretch {
  lines: readonly Line[]
  label: string
}

const AWAY = /\bsince (?:i|i've|i was) (?:left|last|away|gone|went|here)|\bwhile i was\b|\bdid i miss\b|\bi(?:'ve| have)? missed\b|\bcatch me up\b|\bup to (?:speed|date)\b|\bsince my last\b/
const SEQS = /#(\d{1,12})(?:\s*(?:-|–|to|until)\s*#?(\d{1,12}))?/
const DURATION = /\b(?:last|past|previous)\s+(\d{1,4}|an?|one|two|three|few|half)?\s*(?:an? )?(minute|min|hour|hr|day|week)s?\b/
const NEWEST = /\b(?:last|newest|latest|past|recent)\s+(\d{1,5})\b(?!\s*(?:min|hour|hr|day|week))/
const TIME = /\b(?:since|after|from)\s+(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?\b(?!\s*(?:min|hour|hr|day|week|message))/
const WEEKDAY = /\b(since|on|from|after)?\s*(?:last )?(sunday|monday|tuesday|wednesday|thursday|friday|saturday)\b/
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const NUMBERS: Record<string, number> = { a: 1, an: 1, one: 1, two: 2, three: 3, few: 3, half: 0.5 }
const UNIT_MS: Record<string, number> = { min: 60_000, minute: 60_000, hour: 3_600_000, hr: 3_600_000, day: 86_400_000, week: 604_800_000 }

/**
 * The stretch of the room that a question names.
 *
 * @param newest how many messages are taken where it names none; all unless given
 */
export function stretchOf(asking: Asking, newest?: number): Stretch {
  const text = asking.question.toLowerCase().replaceAll('’', '\'')
  const { spoken, clock } = asking
  if (AWAY.test(text)) return sinceLeft(asking)
  const seqs = SEQS.exec(text)
  if (seqs) {
    const [from, to] = [Number(seqs[1]), seqs[2] === undefined ? Infinity : Number(seqs[2])]
    return { lines: spoken.filter(({ seq }) => seq >= from && seq <= to), label: to === Infinity ? `since #${from}` : `from #${from} to #${to}` }
  }
  const duration = DURATION.exec(text)
  if (duration) {
    const ms = (NUMBERS[duration[1] ?? 'one'] ?? Number(duration[1])) * UNIT_MS[duration[2]!]!
    return between(asking, clock.now - ms, Infinity, `in the ${duration[0].replace(/\s+/g, ' ')}`)
  }
  const last = NEWEST.exec(text)
  if (last) return newestOf(spoken, Number(last[1]))
  const days = dayNamed(text, clock)
  if (days) return between(asking, days.from, days.to, days.label)
  const time = TIME.exec(text)
  if (time) {
    const at = timeOfDay(clock, Number(time[1]), Number(time[2] ?? 0), time[3])
    if (at !== undefined) return between(asking, at, Infinity, `since ${clock.show(at)}`)
  }
  return newest === undefined ? { lines: spoken, label: all(asking) } : newestOf(spoken, newest)
}

function dayNamed(text: string, clock: Clock): { from: number, to: number, label: string } | undefined {
  const today = clock.startOfDay(clock.now)
  const since = /\b(?:since|from|after)\b/.test(text)
  if (/\byesterday\b/.test(text)) return { from: daysFrom(clock, today, -1), to: since ? Infinity : today, label: since ? 'since yesterday' : 'yesterday' }
  if (/\b(?:today|this morning|this afternoon)\b/.test(text)) return { from: today, to: Infinity, label: 'today' }
  if (/\bthis week\b/.test(text)) return { from: weekdayBefore(clock, 1, true), to: Infinity, label: 'this week' }
  const weekday = WEEKDAY.exec(text)
  if (!weekday) return undefined
  const from = weekdayBefore(clock, WEEKDAYS.indexOf(weekday[2]!), false)
  const open = weekday[1] !== undefined && weekday[1] !== 'on'
  return { from, to: open ? Infinity : daysFrom(clock, from, 1), label: `${open ? 'since' : 'on'} ${clock.day(from)}` }
}

function sinceLeft(asking: Asking): Stretch {
  const { spoken, asker, clock } = asking
  const left = asker.leftAt === undefined ? Number.NaN : Date.parse(asker.leftAt)
  if (!Number.isNaN(left)) return between(asking, left, Infinity, `since you left, ${clock.show(left)}`)
  const own = spoken.findLastIndex(({ userId }) => userId === asker.id)
  if (own < 0) return { lines: spoken, label: `${all(asking)}, for you have written nothing here` }
  return { lines: spoken.slice(own + 1), label: `since your last message, ${clock.show(spoken[own]!.at)}` }
}

function between({ spoken }: Asking, from: number, to: number, label: string): Stretch {
  return { lines: spoken.filter(({ at }) => at >= from && at < to), label }
}

function newestOf(spoken: readonly Line[], number: number): Stretch {
  return spoken.length <= number ? { lines: spoken, label: 'in this room' } : { lines: spoken.slice(-number), label: `in the newest ${count(number, 'message')}` }
}

function all({ room, spoken }: Asking): string {
  return room.partial ? `in the newest ${count(spoken.length, 'message')}, which is as far back as I read` : 'in this room'
}

function timeOfDay(clock: Clock, hour: number, minute: number, half?: string): number | undefined {
  const hours = half === 'pm' && hour < 12 ? hour + 12 : half === 'am' && hour === 12 ? 0 : hour
  if (hours > 23 || minute > 59) return undefined
  const at = clock.onDayOf(clock.now, hours, minute)
  return at <= clock.now ? at : clock.onDayOf(daysFrom(clock, clock.now, -1), hours, minute)
}

/** When the newest such day of the week began. */
function weekdayBefore(clock: Clock, weekday: number, orToday: boolean): number {
  for (let days = orToday ? 0 : 1; ; days++) {
    const start = daysFrom(clock, clock.now, -days)
    if (clock.weekday(start) === weekday) return start
  }
}
