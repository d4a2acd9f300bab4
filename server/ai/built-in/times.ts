/** Shows times as the asker's clock does. */
export interface Clock {
  /** Milliseconds since 1970. */
  now: number
  /** `10:12`, with the day where it is not today, and with `UTC` where the asker's zone is not known. */
  show: (at: number) => string
  /** `27 Nov`. */
  day: (at: number) => string
  /** The day of the week: 0 is Sunday. */
  weekday: (at: number) => number
  /** When the day of a moment began. */
  startOfDay: (at: number) => number
  /** A moment of the asker's day. */
  onDayOf: (at: number, hours: number, minutes: number) => number
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const DAY_MS = 86_400_000

/** @param timeZone an IANA name; one that is unknown counts as none */
export function createClock(now: number, timeZone?: string): Clock {
  const zone = timeZone && isZone(timeZone) ? timeZone : undefined
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone ?? 'UTC', hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit',
  })
  const weekdays = new Intl.DateTimeFormat('en', { timeZone: zone ?? 'UTC', weekday: 'short' })
  const parts = (at: number) => Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)])) as Record<string, number>

  function startOfDay(at: number): number {
    const { hour, minute, second } = parts(at)
    const guess = at - (hour! * 3_600_000 + minute! * 60_000 + second! * 1000 + at % 1000)
    // Where the clock was changed since midnight, the guess is an hour beside it.
    const beside = parts(guess).hour!
    return beside === 0 ? guess : guess + (beside > 12 ? 24 - beside : -beside) * 3_600_000
  }

  function day(at: number): string {
    const { day: number, month, year } = parts(at)
    return `${number} ${MONTHS[month! - 1]}${year === parts(now).year ? '' : ` ${year}`}`
  }

  return {
    now,
    day,
    weekday: at => WEEKDAYS.indexOf(weekdays.format(at)),
    startOfDay,
    onDayOf: (at, hours, minutes) => startOfDay(at) + hours * 3_600_000 + minutes * 60_000,
    show(at) {
      const { hour, minute } = parts(at)
      const time = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}${zone ? '' : ' UTC'}`
      return startOfDay(at) === startOfDay(now) ? time : `${day(at)} ${time}`
    },
  }
}

/** The days from one moment on, each by when it began. */
export function daysFrom(clock: Clock, at: number, days: number): number {
  // Noon is in the right day even where one of the days between was an hour shorter or longer.
  return clock.startOfDay(clock.startOfDay(at) + days * DAY_MS + DAY_MS / 2)
}

function isZone(timeZone: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone }) !== undefined
  } catch {
    return false
  }
}
