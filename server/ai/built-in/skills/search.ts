import { answered, count, item, nothing } from '../asking'
import type { Asking } from '../asking'
import { createPeople } from '../people'
import { escaped } from '../../escaped'
import { named } from '../quote'
import type { LineHit } from '../room-index'
import { stretchOf } from '../stretch'
import type { Answer } from '../types'
import { words } from '../words'
import { questionOf } from './questions'

/**
 * What a message must cover of a question to count as an answer to it. Measured over the questions of
 * `tests/fixtures/engine-room.ts`: the test of this skill prints what other values would give.
 */
export const ROOM_THRESHOLD = 0.5
/** Who searches for words wants to see what there is, though it be less. */
export const SEARCH_THRESHOLD = 0.5

const SHOWN = 5

/** The messages that hold certain words, best first; only one person's where somebody is named as the author. */
export async function answerSearch(asking: Asking, subject: string, from?: string): Promise<Answer> {
  const author = from === undefined ? undefined : /^(?:i|me)$/i.test(from) ? asking.asker.name : createPeople(asking.room.lines).called(from)
  const stretch = stretchOf(asking)
  const lines = new Set(stretch.lines)
  const hits = (await asking.index.search(subject, {
    limit: 50,
    keep: line => lines.has(line) && (author === undefined || line.author === author),
    ...(asking.signal && { signal: asking.signal }),
  })).filter(({ confidence }) => confidence >= SEARCH_THRESHOLD)
  const by = author === undefined ? '' : ` by ${named(author)}`
  if (hits.length === 0) return nothing('search', `I have nothing on that: no message${by} ${stretch.label} fits “${escaped(subject, 80)}”.`)
  const shown = hits.slice(0, SHOWN)
  return answered('search', asking, [
    hits.length > shown.length ? `The ${SHOWN} best of ${hits.length === 50 ? '50 or more' : hits.length} messages${by} ${stretch.label}:` : `${count(hits.length, 'message')}${by} ${stretch.label}:`,
    shown.map(({ line }) => item(asking, line, around(line.text, subject))).join('\n'),
  ], shown.map(({ line }) => line))
}

/** The messages that answer a question nobody said how to answer: statements, and only those that cover enough of it. */
export async function roomHits(asking: Asking, question: string, threshold = ROOM_THRESHOLD): Promise<LineHit[]> {
  const lines = new Set(asking.spoken)
  const hits = await asking.index.search(question, {
    limit: 3,
    keep: line => lines.has(line) && !/[?？؟]\s*$/.test(line.text) && questionOf(line) === undefined,
    ...(asking.signal && { signal: asking.signal }),
  })
  return hits.filter(({ confidence }) => confidence >= threshold)
}

/** Such messages as an answer. */
export function answerFromRoom(asking: Asking, hits: readonly LineHit[], question: string): Answer {
  return answered('search', asking, [
    'This was said in the room:',
    hits.map(({ line }) => item(asking, line, around(line.text, question))).join('\n'),
  ], hits.map(({ line }) => line))
}

/** The part of a long text where the words stand. */
export function around(text: string, subject: string, length = 240): string {
  if (text.length <= length) return text
  const lower = text.toLowerCase()
  const places = words(subject).filter(word => word.length > 2).map(word => lower.indexOf(word.slice(0, 6))).filter(place => place >= 0)
  const start = Math.max(0, Math.min(...places, text.length) - length / 3)
  if (places.length === 0 || start === 0) return text
  const space = text.indexOf(' ', start)
  return `…${text.slice(space >= 0 && space < start + 40 ? space + 1 : start)}`
}
