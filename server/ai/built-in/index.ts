import type { RoomLog } from '../../log/types'
import { kindOf } from '../../rooms/kinds'
import type { BuiltInEngine, Question } from '../engine'
import type { Persona } from '../persona'
import type { Timers } from '../timers'
import { createDocsIndex } from './docs-index'
import type { DocPage } from '../../docs/pages'
import { createEngineModel } from './provider'
import { createRoomIndexes } from './room-indexes'
import type { Skill } from './types'
import { words } from './words'

/** Words come as fast as one reads along, so that an answer can be stopped where one has read enough. */
const WORD_MS = 15

/** What the shipped personas keep to; every other one has all skills. */
const SKILLS_OF: Partial<Record<string, readonly Skill[]>> = { guide: ['docs'] }

/**
 * The engine that needs no server and no key, over the product's docs and the rooms' own logs. Its indexes follow what is said.
 *
 * @param pages the docs, as the build took them in
 * @param timers what it keeps timers with
 */
export function createBuiltInEngine(log: Pick<RoomLog, 'before' | 'onCommitted'>, pages: readonly DocPage[], timers?: Pick<Timers, 'of'>): BuiltInEngine {
  const docs = createDocsIndex(pages)
  const rooms = createRoomIndexes(roomId => ({ before: (beforeSeq, limit) => log.before(roomId, beforeSeq, limit) }))
  log.onCommitted(rooms.apply)
  return {
    model(question, persona) {
      const { room, asker } = question
      return createEngineModel({
        docs,
        // A private conversation is about the docs: there is no room full of people to look into.
        ...(kindOf(room).hasBots && { room: rooms.of(room.id, room.name) }),
        ...(timers && kindOf(room).hasBots && { timers: timers.of(room, persona.id, asker.id) }),
        asker: { id: asker.id, name: asker.name },
        persona: { slug: persona.id, name: persona.name, skills: SKILLS_OF[persona.id] },
        request: requestOf(question, persona),
        wordMs: WORD_MS,
      })
    },
    forget: () => rooms.forget(),
    cost: ({ prompt = '' }, said) => words(prompt).length + words(said).length,
    async warm(room, { id }) {
      const onRoom = SKILLS_OF[id]?.some(skill => skill !== 'docs') ?? true
      if (onRoom && kindOf(room).hasBots) await rooms.of(room.id, room.name).load()
    },
  }
}

/** What was asked, without the name it was called by; nothing but the name asks who that is. */
function requestOf({ prompt, recent }: Question, persona: Persona): string {
  const asked = prompt ?? recent.findLast(message => message.content.actor_type === 'client' && !message.deleted)?.content.text ?? ''
  const names = [persona.id, persona.name].map(name => name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|')
  return asked.replaceAll(new RegExp(`@(?:${names})(?![\\p{L}\\p{N}_-])[,:]?`, 'giu'), ' ').trim() || 'Who are you?'
}
