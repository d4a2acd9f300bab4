import { KEYCAPS } from '#shared/protocol/keycaps'
import { answered, cite, count, nothing } from '../asking'
import type { Asking } from '../asking'
import { withoutEnd, withSingleSpaces } from '../ends'
import { escaped } from '../../escaped'
import { entryLink } from '../quote'
import type { Answer, Line } from '../types'

const OPEN = '**Poll:** '
const CLOSED = '**Poll closed:** '
const LENGTH = { question: 200, option: 80 }
/** What may stand between options; the first of these that does is what separates them. */
const BETWEEN = [/\//, /\|/, /;/, /,/, /\sor\s/i] as const

/** A poll as it stands in the log. */
interface Poll {
  line: Line
  question: string
  options: readonly string[]
}

/** Opens a poll: a message that lists what one can vote for. The log is where it is kept. */
export function openPoll(text: string): Answer {
  const asked = parsed(text)
  if (!asked) {
    return nothing('polls', `A poll needs a question and two to ${KEYCAPS.length} options, such as “poll: Lunch? pizza / salad”.`)
  }
  const options = asked.options.map((option, n) => `- ${KEYCAPS[n]} ${escaped(option, LENGTH.option)}`)
  const markdown = [`${OPEN}${escaped(asked.question, LENGTH.question)}`, options.join('\n'), `Vote with the reactions ${KEYCAPS[0]} to ${KEYCAPS[options.length - 1]}. Ask for “results” at any time.`].join('\n\n')
  return { skill: 'polls', found: true, markdown, sources: [] }
}

/** Counts the newest poll from its reactions, and closes it where it is to be closed: what was counted then stays said. */
export function countPoll(asking: Asking, close: boolean): Answer {
  const { lines, name } = asking.room
  const poll = lines.findLast(line => line.bot && line.text.startsWith(OPEN))
  const read = poll && pollIn(poll)
  if (!read) return nothing('polls', 'There is no poll in what I read of this room. Start one with “poll: Lunch? pizza / salad”.')
  const closing = lines.findLast(line => line.bot && line.seq > read.line.seq && line.text.startsWith(CLOSED))
  if (closing) return answered('polls', asking, [`The poll “${read.question}” (${entryLink(name, read.line.seq)}) is closed. Its result: ${cite(asking, closing)}`], [read.line, closing])
  return answered('polls', asking, [`${close ? CLOSED : '**So far:** '}${read.question} — ${cite(asking, read.line)}`, tally(read)], [read.line])
}

function tally({ line, options }: Poll): string {
  const votes = options.map((option, n) => ({ option, keycap: KEYCAPS[n]!, votes: line.reactions.get(KEYCAPS[n]!)?.size ?? 0 }))
  const voters = new Set(votes.flatMap(({ keycap }) => [...line.reactions.get(keycap) ?? []]))
  const most = Math.max(...votes.map(({ votes }) => votes))
  const rows = votes.map(({ option, keycap, votes }) => `- ${keycap} ${most > 0 && votes === most ? `**${option}**` : option}: ${count(votes, 'vote')}`)
  return [...rows, '', `${count(voters.size, 'person', 'people')} voted.`].join('\n')
}

/** A question, up to its first `?` or `:`, and what follows it. */
function parsed(request: string): { question: string, options: string[] } | undefined {
  const text = withSingleSpaces(request)
  const at = /[?:]\s+/.exec(text)
  if (!at) return undefined
  const question = text.slice(0, at.index + (at[0].startsWith('?') ? 1 : 0)).trim()
  const rest = withoutEnd(text.slice(at.index + at[0].length), '.!').trim()
  const between = BETWEEN.find(separator => separator.test(rest))
  const options = [...new Set(between ? rest.split(between).map(option => option.trim()).filter(option => option !== '') : [])]
  return question === '' || options.length < 2 || options.length > KEYCAPS.length ? undefined : { question, options }
}

/** Reads a poll back. It may be any bot's text by now: it is taken out of its markdown and put into it anew. */
function pollIn(line: Line): Poll | undefined {
  const [head = '', ...rows] = line.text.split('\n')
  const options = rows.flatMap((row) => {
    const keycap = KEYCAPS.find(one => row.startsWith(`- ${one} `))
    return keycap ? [again(row.slice(keycap.length + 3), LENGTH.option)] : []
  })
  return options.length < 2 || options.length > KEYCAPS.length ? undefined : { line, question: again(head.slice(OPEN.length), LENGTH.question), options }
}

function again(markdown: string, length: number): string {
  return escaped(markdown.replace(/\\([^\p{L}\p{N}\s])/gu, '$1'), length)
}
