import { serverNow } from '../connection/server-clock'

/** Makes a format when it is first needed and keeps it: making one takes far longer than using it. */
function kept(options: Intl.DateTimeFormatOptions): () => Intl.DateTimeFormat {
  let format: Intl.DateTimeFormat | undefined
  return () => format ??= new Intl.DateTimeFormat(undefined, options)
}

const CLOCK = kept({ hour: 'numeric', minute: '2-digit' })
const FULL = kept({ dateStyle: 'full', timeStyle: 'short' })

/** The time of day, in the reader's locale: the same wherever it stands. */
export function clockTime(at: string | Date): string {
  return CLOCK().format(new Date(at))
}

/** Date and time in full, for tooltips. */
export function fullTime(at: string | Date): string {
  return FULL().format(new Date(at))
}

/** How long ago something was, while under a day; then the date. */
export function relativeTime(at: string | Date, now: number = serverNow()): string {
  const date = new Date(at)
  const seconds = Math.round((date.getTime() - now) / 1000)
  const format = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' })
  if (Math.abs(seconds) < 60) return format.format(0, 'second')
  if (Math.abs(seconds) < 3600) return format.format(Math.round(seconds / 60), 'minute')
  if (Math.abs(seconds) < 86_400) return format.format(Math.round(seconds / 3600), 'hour')
  return date.toLocaleDateString(undefined, { day: 'numeric', month: 'short', year: date.getFullYear() === new Date(now).getFullYear() ? undefined : 'numeric' })
}

/** A day as a separator names it: today and yesterday by word. */
export function dayName(date: Date, now: Date = new Date(serverNow())): string {
  const midnight = (day: Date) => new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime()
  const days = Math.round((midnight(date) - midnight(now)) / 86_400_000)
  if (days === 0 || days === -1) {
    const word = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' }).format(days, 'day')
    return word.charAt(0).toLocaleUpperCase() + word.slice(1)
  }
  return date.toLocaleDateString(undefined, { weekday: 'long', day: 'numeric', month: 'long', year: date.getFullYear() === now.getFullYear() ? undefined : 'numeric' })
}

/** A moment in a sentence: the time of day, with the day where it is not today. */
export function momentName(at: string | Date, now: Date = new Date(serverNow())): string {
  const date = new Date(at)
  return date.toDateString() === now.toDateString() ? clockTime(date) : `${dayName(date, now)}, ${clockTime(date)}`
}

/** A duration as `1 h 4 min`, `4 min 10 s` or `10 s`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  if (hours > 0) return `${hours} h ${minutes % 60} min`
  if (minutes > 0) return `${minutes} min ${seconds % 60} s`
  return `${seconds} s`
}
