import { daysFrom } from './times'
import type { Clock } from './times'

/** When something is due: as it was said, and the day that means, where it means one. */
export interface Due {
  said: string
  day?: string
}

const MONTH = '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)'
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const TIME = '\\d{1,2}(?::\\d{2}\\s*(?:am|pm)?|\\s*(?:am|pm)|\\s*o\'clock)'
const DATE = [
  'end of (?:the )?(?:day|week|month|year|sprint)', 'eod', 'eow', 'tonight', 'today', 'tomorrow', 'noon', 'midnight',
  '(?:next|this) (?:week|month|sprint)', `(?:next |this |coming )?(?:${WEEKDAYS.join('|')})(?: (?:morning|noon|afternoon|evening|night))?`,
  '\\d{4}-\\d{2}-\\d{2}', `\\d{1,2}(?:st|nd|rd|th)?(?: of)? ${MONTH}`, `${MONTH} \\d{1,2}(?:st|nd|rd|th)?`, '\\d{1,2}\\.\\d{1,2}\\.(?:\\d{2,4})?', TIME,
].join('|')
const SAID = new RegExp(`\\b(?:(?:by|until|till|before|due(?: on| by)?|on|at|no later than|deadline(?: is)?:?)\\s+(?:the )?(?:${DATE})(?:,? (?:at|by) ${TIME})?|(?:today|tomorrow|tonight|this week|next week|asap))(?![\\p{L}\\p{N}])`, 'iu')

/** The date a sentence names, if it names one. */
export function dueIn(text: string, saidAt: number, clock: Clock): Due | undefined {
  const said = SAID.exec(text)?.[0]
  if (said === undefined) return undefined
  const at = dayOf(said.toLowerCase(), saidAt, clock)
  return at === undefined ? { said } : { said, day: clock.day(at) }
}

function dayOf(said: string, saidAt: number, clock: Clock): number | undefined {
  if (/\b(?:today|tonight|eod|end of (?:the )?day|noon|midnight)\b/.test(said)) return saidAt
  if (/\btomorrow\b/.test(said)) return daysFrom(clock, saidAt, 1)
  const weekday = WEEKDAYS.findIndex(name => said.includes(name))
  // Whether "next Friday" is the coming one depends on who says it.
  if (weekday < 0 || /\bnext\b/.test(said)) return undefined
  const ahead = (weekday - clock.weekday(saidAt) + 7) % 7
  return daysFrom(clock, saidAt, ahead === 0 ? 7 : ahead)
}
