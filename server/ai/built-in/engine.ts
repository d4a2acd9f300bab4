import type { OwnTimers } from '../timers'
import { count, createAsking, nothing } from './asking'
import type { Asking } from './asking'
import type { DocsIndex } from './docs-index'
import { intentOf, plainRequest } from './intent'
import type { RoomIntent } from './intent'
import type { RoomIndex } from './room-index'
import { abilities, answerAbout } from './skills/about'
import { answerActions } from './skills/actions'
import { answerDecisions } from './skills/decisions'
import { answerFromDocs, docHits } from './skills/docs'
import { countPoll, openPoll } from './skills/polls'
import { answerQuestions } from './skills/questions'
import { answerRecap } from './skills/recap'
import { answerFromRoom, answerSearch, roomHits } from './skills/search'
import { answerStatistics } from './skills/statistics'
import { cancelTimer, setTimer } from './skills/timers'
import { SKILLS } from './types'
import type { Answer, Asker, EnginePersona, Skill } from './types'

/** Everything one answer is made from. Without `room`, only the docs answer. */
export interface EngineContext {
  docs: DocsIndex
  room?: RoomIndex
  /** The asker's timers in the room. Without them none is set. */
  timers?: OwnTimers
  asker: Asker
  persona: EnginePersona
  /** Milliseconds since 1970; now unless given. */
  now?: number
}

/** What goes on longer is no question any more. */
const QUESTION_LENGTH = 2_000

/** Answers a request in plain words, from the docs and the room alone. */
export async function answer(request: string, context: EngineContext, signal?: AbortSignal): Promise<Answer> {
  const text = request.slice(0, QUESTION_LENGTH)
  const { persona, room } = context
  const skills = (persona.skills ?? SKILLS).filter(skill => skill === 'docs' || room !== undefined)
  const intent = intentOf(text)
  if (intent.kind === 'about') return answerAbout(persona, skills)
  if (intent.kind === 'greeting') return { ...answerAbout(persona, skills), markdown: `Hello. ${abilities(skills)}` }
  await room?.load()
  signal?.throwIfAborted()
  const asking = room && createAsking(plainRequest(text), room, context.asker, persona, context.now ?? Date.now(), signal)
  if (intent.kind === 'lookup') return lookUp(plainRequest(text), intent.docsFirst, skills, context.docs, asking)
  // Who only knows the docs takes an order for a question about it.
  if (!skills.includes(intent.kind) && persona.skills?.includes('docs')) return lookUp(plainRequest(text), true, skills, context.docs, asking)
  if (!asking || !skills.includes(intent.kind)) return { skill: intent.kind, found: false, sources: [], markdown: `That is not what I am here for. ${abilities(skills)}` }
  if (intent.kind === 'timers') {
    if (!context.timers) return nothing('timers', 'Timers run in rooms.')
    return intent.ask === 'set' ? setTimer(intent.timer, context.timers) : cancelTimer(context.timers)
  }
  return onRoom(intent, asking)
}

function onRoom(intent: Exclude<RoomIntent, { kind: 'timers' }>, asking: Asking): Answer | Promise<Answer> {
  switch (intent.kind) {
    case 'recap': return answerRecap(asking, intent.topic)
    case 'questions': return answerQuestions(asking)
    case 'decisions': return answerDecisions(asking)
    case 'actions': return answerActions(asking)
    case 'statistics': return answerStatistics(asking)
    case 'polls': return intent.ask === 'open' ? openPoll(intent.poll) : countPoll(asking, intent.ask === 'close')
    case 'search': return answerSearch(asking, intent.subject, intent.from)
  }
}

/** What covers more of the question answers it, the docs or the room; both equally, and the form of the question decides. */
async function lookUp(question: string, docsFirst: boolean, skills: readonly Skill[], docs: DocsIndex, asking: Asking | undefined): Promise<Answer> {
  const written = skills.includes('docs') ? docHits(docs, question, skills.length === 1) : []
  const said = asking && skills.includes('search') ? await roomHits(asking, question) : []
  const [doc, line] = [written[0]?.confidence ?? 0, said[0]?.confidence ?? 0]
  if (doc > 0 && (docsFirst ? doc >= line * 0.8 : doc > line)) return answerFromDocs(written)
  if (line > 0) return answerFromRoom(asking!, said, question)
  const places = [skills.includes('docs') ? 'Lastra\'s docs' : '', asking && skills.includes('search') ? `the ${count(asking.room.lines.length, 'message')} of this room that I read` : '']
  return {
    skill: skills.includes('docs') ? 'docs' : 'search',
    found: false,
    sources: [],
    markdown: `I have nothing on that. I looked in ${places.filter(place => place !== '').join(' and in ')}. Ask “what can you do?” for what I know.`,
  }
}
