import type { RoomIndex } from './room-index'
import { entryLink, entrySource, named, quoted } from './quote'
import { createClock } from './times'
import type { Clock } from './times'
import type { Answer, Asker, EnginePersona, Line, RoomView, Skill, Source } from './types'

/** One question to a skill that works on the room: who asks it, when, and what of the room it may take. */
export interface Asking {
  question: string
  room: RoomView
  index: RoomIndex
  /** What people said to each other, oldest first: neither bots nor what was said to one. */
  spoken: readonly Line[]
  asker: Asker
  clock: Clock
  signal?: AbortSignal
}

/** Prepares a question on a room. */
export function createAsking(question: string, index: RoomIndex, asker: Asker, persona: EnginePersona, now: number, signal?: AbortSignal): Asking {
  const room = index.view()
  return { question, room, index, spoken: spokenIn(room, persona, asker, question), asker, clock: createClock(now, asker.timeZone), ...(signal && { signal }) }
}

/** An item of a list: what was said, by whom, when, and where it stands. `note` is the engine's own and comes last. */
export function item(asking: Asking, line: Line, text: string, note = ''): string {
  return `- ${quoted(text)} — ${cite(asking, line)}${note === '' ? '' : ` · ${note}`}`
}

/** Who said it, when, and the link to the entry. */
export function cite({ room, clock }: Asking, line: Line): string {
  return `${named(line.author)}, ${clock.show(line.at)}, ${entryLink(room.name, line.seq)}`
}

/** Puts an answer together from its blocks of markdown; empty ones are left out. */
export function answered(skill: Skill, asking: Asking, blocks: readonly string[], lines: readonly Line[]): Answer {
  const sources = new Map<number, Source>(lines.map(line => [line.seq, entrySource(asking.room.name, line)]))
  return { skill, found: true, markdown: blocks.filter(block => block !== '').join('\n\n'), sources: [...sources.values()] }
}

/** An answer that says that there is none. */
export function nothing(skill: Skill, text: string): Answer {
  return { skill, found: false, markdown: text, sources: [] }
}

/** `1 message`, `2 messages`. */
export function count(number: number, one: string, several = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : several}`
}

function spokenIn(room: RoomView, persona: EnginePersona, asker: Asker, question: string): Line[] {
  const bots = new Set([persona.slug, persona.name])
  for (const line of room.lines) if (line.bot) bots.add(line.author)
  const called = [...bots].map(name => `@${name.toLowerCase()}`)
  const spoken = room.lines.filter((line) => {
    if (line.bot) return false
    if (line.text.charCodeAt(0) !== 64) return true
    const text = line.text.toLowerCase()
    return !called.some(call => text.startsWith(call) && !/[\p{L}\p{N}]/u.test(text.charAt(call.length)))
  })
  const last = spoken.at(-1)
  if (last?.userId === asker.id && last.text.trim() === question.trim()) spoken.pop()
  return spoken
}
