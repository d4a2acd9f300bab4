import { answered, cite, count, nothing } from '../asking'
import type { Asking } from '../asking'
import { inTurns } from '../others'
import { createPeople } from '../people'
import { named, quoted } from '../quote'
import { stretchOf } from '../stretch'
import type { Stretch } from '../stretch'
import type { Answer, Line } from '../types'
import { terms, words } from '../words'
import { questionOf } from './questions'

/** What one person wrote in a stretch. */
export interface SpeakerCount {
  author: string
  messages: number
  words: number
  questions: number
}

const SHOWN = 10
const MENTIONS = /\b(?:how (?:often|many times)|number of times)\b.*?\b(?:mention(?:ed|s)?|say|said|says|use[ds]?|writ(?:e|ten)|wrote|come up|came up|talk(?:ed)? about)\b\s*(?:of |about )?(.*)$/i
const MENTIONED = /\bhow (?:often|many times) (?:was|were|is|has|did)\s+(.+?)\s+(?:been )?(?:mentioned|said|used|named|come up|came up)\b/i

/** Who wrote how much, most first. Somebody who was renamed is counted under their newest name. */
export async function speakersOf(lines: readonly Line[], signal?: AbortSignal): Promise<SpeakerCount[]> {
  const turn = inTurns(signal)
  const people = new Map<string, SpeakerCount>()
  for (const line of lines) {
    await turn()
    const person = people.get(line.userId) ?? { author: line.author, messages: 0, words: 0, questions: 0 }
    people.set(line.userId, {
      author: line.author,
      messages: person.messages + 1,
      words: person.words + words(line.text).length,
      questions: person.questions + (questionOf(line) === undefined ? 0 : 1),
    })
  }
  return [...people.values()].sort((a, b) => b.messages - a.messages || b.words - a.words)
}

/** Counts over the stretch that is named: of everybody, of one person, or of a word. */
export async function answerStatistics(asking: Asking): Promise<Answer> {
  const stretch = stretchOf(asking)
  if (stretch.lines.length === 0) return nothing('statistics', `Nobody wrote anything ${stretch.label}.`)
  const word = (MENTIONED.exec(asking.question)?.[1] ?? MENTIONS.exec(asking.question)?.[1])?.replace(/[“”"'?.!]/g, '').trim()
  if (word && terms(word).length > 0) return mentions(asking, stretch, word)
  const speakers = await speakersOf(stretch.lines, asking.signal)
  const whose = whoseCounts(asking)
  const one = whose === undefined ? undefined : speakers.find(({ author }) => author === whose)
  if (whose !== undefined) return one ? ofOne(asking, stretch, one) : nothing('statistics', `${named(whose)} wrote nothing ${stretch.label}.`)
  return ofEverybody(asking, stretch, speakers)
}

function ofEverybody(asking: Asking, { lines, label }: Stretch, speakers: readonly SpeakerCount[]): Answer {
  const noted = mostNoted(lines)
  const shown = speakers.slice(0, SHOWN)
  const more = speakers.length - shown.length
  return answered('statistics', asking, [
    `${count(lines.length, 'message')} by ${count(speakers.length, 'person', 'people')} ${label}, ${count(speakers.reduce((sum, { questions }) => sum + questions, 0), 'message')} with a question.`,
    [
      ...shown.map(speaker => `- ${named(speaker.author)}: ${count(speaker.messages, 'message')} (${Math.round(100 * speaker.messages / lines.length)} %), ${count(speaker.words, 'word')}`),
      ...more > 0 ? [`- … and ${count(more, 'more person', 'more people')}`] : [],
    ].join('\n'),
    noted ? `Most reactions: ${quoted(noted.text, 120)} — ${cite(asking, noted)}` : '',
    `First and last: ${cite(asking, lines[0]!)} · ${cite(asking, lines.at(-1)!)}`,
  ], [lines[0]!, lines.at(-1)!, ...noted ? [noted] : []])
}

function ofOne(asking: Asking, { lines, label }: Stretch, speaker: SpeakerCount): Answer {
  const own = lines.filter(({ author }) => author === speaker.author)
  return answered('statistics', asking, [
    `${named(speaker.author)} wrote ${count(speaker.messages, 'message')} of ${lines.length.toLocaleString('en')} ${label}: ${count(speaker.words, 'word')}, ${count(speaker.questions, 'message')} with a question. The newest: ${cite(asking, own.at(-1)!)}`,
  ], own.slice(-1))
}

async function mentions(asking: Asking, { lines, label }: Stretch, word: string): Promise<Answer> {
  const turn = inTurns(asking.signal)
  const wanted = terms(word)
  const found: Line[] = []
  for (const line of lines) {
    await turn()
    const said = new Set(terms(line.text))
    if (wanted.every(term => said.has(term))) found.push(line)
  }
  if (found.length === 0) return nothing('statistics', `Nobody wrote ${quoted(word, 80)} ${label}.`)
  const by = (await speakersOf(found, asking.signal)).slice(0, 5).map(({ author, messages }) => `${named(author)} ${messages}`).join(', ')
  return answered('statistics', asking, [
    `${quoted(word, 80)} stands in ${count(found.length, 'message')} of ${lines.length.toLocaleString('en')} ${label}: ${by}.`,
    `First: ${cite(asking, found[0]!)} · Last: ${cite(asking, found.at(-1)!)}`,
  ], [found[0]!, found.at(-1)!])
}

function whoseCounts({ question, asker, room }: Asking): string | undefined {
  if (/\bhow (?:many|much)\b.*\b(?:i|my|mine)\b|^my\b/i.test(question.replace(/\bsince (?:i|my)\b.*$/i, ''))) return asker.name
  return createPeople(room.lines).called(question)
}

function mostNoted(lines: readonly Line[]): Line | undefined {
  const noted = (line: Line) => [...line.reactions.values()].reduce((sum, users) => sum + users.size, 0)
  const best = lines.reduce<Line | undefined>((most, line) => noted(line) > (most ? noted(most) : 0) ? line : most, undefined)
  return best
}
