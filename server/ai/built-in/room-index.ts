import MiniSearch from 'minisearch'
import { reduceEntry } from '#shared/log/reduce'
import type { EntryReducers } from '#shared/log/reduce'
import type { Entry, Message } from '#shared/protocol/frames'
import { inTurns, others } from './others'
import type { Line, RoomReader, RoomView } from './types'
import { stemStart, terms } from './words'

/** A line that was found, and how much of what was asked it covers, from 0 to 1. */
export interface LineHit {
  line: Line
  confidence: number
}

/** The part of a room that can be read, kept up with its log, with an index that grows with what is asked. */
export interface RoomIndex {
  /** Reads the room on the first call; later ones wait for nothing. */
  load: () => Promise<void>
  /** Takes committed entries, in `seq` order. Those that came while the room was being read are taken after it. */
  apply: (entries: readonly Entry[]) => void
  view: () => RoomView
  /** What it takes in memory, about: the characters that were read, and several times those that are indexed. */
  size: () => number
  /** The lines that hold what is asked for, best first. It lets others run while it indexes. */
  search: (question: string, options?: { limit?: number, keep?: (line: Line) => boolean, signal?: AbortSignal }) => Promise<LineHit[]>
}

/** What is read of a room: its newest messages, up to a number and a size; and how many of them a question is looked for in. */
export const ROOM_BOUNDS = { messages: 10_000, characters: 8_000_000, textLength: 4_000, page: 500, candidates: 800, terms: 32, indexedSize: 6 } as const

const NONE: Line['reactions'] = new Map()

/** @param name the room's name, as it stands in addresses */
export function createRoomIndex(name: string, reader: RoomReader): RoomIndex {
  const lines = new Map<number, Line>()
  const seqs = new Map<string, number>()
  const indexed = new Set<number>()
  const waiting: Entry[] = []
  let sorted: Line[] | undefined
  let characters = 0
  let indexedCharacters = 0
  let partial = false
  let loading: Promise<void> | undefined
  let loaded = false
  const index = new MiniSearch<Line>({
    idField: 'seq',
    fields: ['text'],
    tokenize: terms,
    processTerm: term => term,
    searchOptions: { tokenize: text => text.split(' '), bm25: { k: 1.2, b: 0.4, d: 0.2 } },
  })

  function put(message: Message): void {
    if (message.deleted || lines.has(message.seq)) return
    const line = lineOf(message)
    lines.set(line.seq, line)
    seqs.set(line.id, line.seq)
    characters += line.text.length
    sorted = undefined
  }

  function drop(seq: number): void {
    const line = lines.get(seq)
    if (!line) return
    forget(line)
    lines.delete(seq)
    seqs.delete(line.id)
    characters -= line.text.length
    sorted = undefined
  }

  function forget(line: Line): void {
    if (!indexed.delete(line.seq)) return
    index.remove(line)
    indexedCharacters -= line.text.length
  }

  function change(id: string, make: (line: Line) => Line): void {
    const before = lines.get(seqs.get(id) ?? 0)
    if (!before) return
    const after = make(before)
    if (after.text !== before.text) forget(before)
    lines.set(after.seq, after)
    characters += after.text.length - before.text.length
    sorted = undefined
  }

  const taking: EntryReducers<void> = {
    'message.new': (_, entry) => put(entry),
    'message.deleted': (_, { messageId }) => drop(seqs.get(messageId) ?? 0),
    'message.edited'(_, { messageId, content }) {
      if (content) change(messageId, line => ({ ...line, text: cut(content.text) }))
      else drop(seqs.get(messageId) ?? 0)
    },
    'reaction': (_, entry) => change(entry.messageId, line => ({ ...line, reactions: reacted(line.reactions, entry) })),
    'clear'(_, { floor_seq }) {
      for (const seq of [...lines.keys()]) if (seq <= floor_seq) drop(seq)
    },
    'bot-toggle': () => undefined,
    'room.updated': () => undefined,
  }
  const take = (entry: Entry): void => reduceEntry(taking, undefined, entry)

  function keepWithinBounds(): void {
    if (lines.size <= ROOM_BOUNDS.messages && characters <= ROOM_BOUNDS.characters) return
    for (const { seq } of all()) {
      // Some more than needed, so that not every new message has to drop one.
      if (lines.size <= ROOM_BOUNDS.messages * 0.95 && characters <= ROOM_BOUNDS.characters * 0.95) break
      drop(seq)
      partial = true
    }
  }

  async function read(): Promise<void> {
    let beforeSeq = Number.MAX_SAFE_INTEGER
    for (let more = true; more;) {
      if (lines.size >= ROOM_BOUNDS.messages || characters >= ROOM_BOUNDS.characters) {
        partial = true
        break
      }
      const page = await reader.before(beforeSeq, Math.min(ROOM_BOUNDS.page, ROOM_BOUNDS.messages - lines.size))
      for (const message of page.messages) put(message)
      more = page.more && page.messages.length > 0
      beforeSeq = page.messages.at(-1)?.seq ?? 0
      await others()
    }
    loaded = true
    for (const entry of waiting.splice(0)) take(entry)
    keepWithinBounds()
  }

  function all(): Line[] {
    return sorted ??= [...lines.values()].sort((a, b) => a.seq - b.seq)
  }

  /** Counts the lines that could hold each word, and finds the likeliest, the newest first. */
  async function scan(asked: readonly string[], signal?: AbortSignal): Promise<{ spread: ReadonlyMap<string, number>, likely: Line[] }> {
    const turn = inTurns(signal)
    const starts = asked.map(term => ({ term, start: stemStart(term) }))
    const spread = new Map<string, number>()
    const likely: { line: Line, holds: number }[] = []
    for (const line of all()) {
      await turn()
      const text = line.text.toLowerCase()
      let holds = 0
      for (const { term, start } of starts) {
        if (!text.includes(start)) continue
        spread.set(term, (spread.get(term) ?? 0) + 1)
        holds++
      }
      if (holds > 0) likely.push({ line, holds })
    }
    likely.sort((a, b) => b.holds - a.holds || b.line.seq - a.line.seq)
    return { spread, likely: likely.slice(0, ROOM_BOUNDS.candidates).map(({ line }) => line) }
  }

  /** Indexes lines that could match: to index a whole long room would take longer than anybody wants to wait. */
  async function indexLines(likely: readonly Line[], signal?: AbortSignal): Promise<void> {
    const turn = inTurns(signal)
    for (const { seq } of likely) {
      await turn()
      // It may have gone or changed, or another question may have indexed it, while others ran.
      const line = lines.get(seq)
      if (!line || indexed.has(seq)) continue
      index.add(line)
      indexed.add(seq)
      indexedCharacters += line.text.length
    }
  }

  return {
    load: () => loading ??= read().catch((error: unknown) => {
      loading = undefined
      throw error
    }),
    apply(entries) {
      if (!loaded) {
        if (loading) waiting.push(...entries)
        return
      }
      for (const entry of entries) take(entry)
      keepWithinBounds()
    },
    size: () => characters + ROOM_BOUNDS.indexedSize * indexedCharacters,
    view: () => ({ name, lines: all(), partial }),
    async search(question, { limit = 5, keep, signal } = {}) {
      // Nobody asks for more; each is looked for in every line.
      const asked = [...new Set(terms(question))].slice(0, ROOM_BOUNDS.terms)
      if (asked.length === 0) return []
      const { spread, likely } = await scan(asked, signal)
      await indexLines(likely, signal)
      const weight = (term: string) => Math.log(1 + lines.size / (spread.get(term) ?? 0.5))
      const total = asked.reduce((sum, term) => sum + weight(term), 0)
      return index.search(asked.join(' ')).slice(0, 500).flatMap((result) => {
        const line = lines.get(result.id as number)
        if (!line || (keep && !keep(line))) return []
        const confidence = result.queryTerms.reduce((sum, term) => sum + weight(term), 0) / total
        return [{ line, confidence, rank: result.score * (0.3 + confidence) }]
      }).sort((a, b) => b.rank - a.rank || b.line.seq - a.line.seq).slice(0, limit).map(({ line, confidence }) => ({ line, confidence }))
    },
  }
}

function lineOf(message: Message): Line {
  return {
    seq: message.seq,
    id: message.messageId,
    userId: message.userId,
    author: message.userName,
    bot: message.content.actor_type !== 'client',
    text: cut(message.content.text),
    at: Date.parse(message.timestamp),
    ...(message.in_reply_to !== undefined && { replyTo: message.in_reply_to }),
    ...(message.thread_id !== undefined && { thread: message.thread_id }),
    reactions: message.reactions ? new Map(Object.entries(message.reactions).map(([emoji, users]) => [emoji, new Set(users)])) : NONE,
  }
}

function reacted(before: Line['reactions'], { emoji, userId, op }: Extract<Entry, { type: 'reaction' }>): Line['reactions'] {
  const users = new Set(before.get(emoji))
  if (op === 'add') users.add(userId)
  else users.delete(userId)
  const after = new Map(before).set(emoji, users)
  if (users.size === 0) after.delete(emoji)
  return after
}

function cut(text: string): string {
  return text.length > ROOM_BOUNDS.textLength ? text.slice(0, ROOM_BOUNDS.textLength) : text
}
