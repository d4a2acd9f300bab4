import { customAlphabet } from 'nanoid'
import { ProtocolError } from '#shared/protocol/errors'
import { LIMITS } from '#shared/protocol/limits'
import type { PersonaSettings } from '#shared/protocol/persona'
import { AnswerStream } from '../ai/answer-stream'
import { answer, costOf } from '../ai/answering'
import { endedBy } from '../ai/answers'
import type { EngineResolver, Question } from '../ai/engine'
import { engineFailure } from '../ai/engine-ends'
import type { Persona } from '../ai/persona'
import { SHIPPED } from '../ai/persona'
import type { PersonaStore } from '../ai/persona-store'
import type { Taker } from '../ai/shares'
import type { Turns } from '../ai/turns'
import type { Audit } from '../audit/audit'
import { KeyedBuckets } from '../limits/token-bucket'
import type { KindName } from '../rooms/kinds'
import type { Owner } from './sessions'
import { UiStream } from './ui-stream'

const tryId = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 20)

/** What tries of personas that are not saved yet are counted under: no persona is called so. */
const UNSAVED: Persona = { ...SHIPPED[0]!, id: '+', version: 0 }

export interface TriesOptions {
  personas: Pick<PersonaStore, 'find'>
  turns: Turns
  engineOf: EngineResolver
  audit: Audit
  /** An engine that says nothing for so long is given up. */
  silenceMs: number
  onError: (error: unknown, where: string) => void
}

/** A question to a persona as an operator is editing it. */
export interface Try {
  asker: Owner
  id: string
  settings: PersonaSettings
  text: string
}

/** Answers of personas to those who edit them: in no room, stored nowhere, gone with their one reader (AGT-11). */
export interface Tries {
  /** @throws ProtocolError `rate_limited` */
  begin: (tried: Try) => Promise<{ stream: UiStream, stop: () => void }>
  /** Ends all, because the server does. */
  close: () => Promise<void>
}

/** Who tries is in no room. */
function takerOf(userId: string): Taker {
  return { userId, roomId: `try\n${userId}`, isOperator: true }
}

interface Running { userId: string, stop: AbortController, done: Promise<unknown> }

export function createTries({ personas, turns, engineOf, audit, silenceMs, onError }: TriesOptions): Tries {
  const running = new Set<Running>()
  let closing = false
  const rates = new KeyedBuckets({ perSecond: LIMITS.triesPerMinute / 60, burst: LIMITS.triesPerMinute })

  async function begin({ asker: { user, orgId }, id, settings, text }: Try) {
    // The budget is the one that was saved: raising it in the form gives nothing before that.
    const budget = await personas.find(orgId, id) ?? UNSAVED
    const ofUser = [...running].filter(({ userId }) => userId === user.id).length
    if (running.size >= LIMITS.tries || ofUser >= LIMITS.triesPerUser) throw new ProtocolError('rate_limited', 'try: too many answers are on their way', { retryAfterMs: 2000 })
    const now = performance.now()
    const wait = rates.take(user.id, now)
    if (wait > 0) throw new ProtocolError('rate_limited', 'try: this persona has answered as often as it may', { retryAfterMs: Math.ceil(wait) })

    turns.requireAnswer('try', orgId, takerOf(user.id), budget, now)
    const persona: Persona = { ...settings, id, version: budget.version }
    const { name: engine, model } = engineOf(persona)
    const stream = new UiStream(tryId(), { agentSlug: id, engine, model })
    const stop = new AbortController()
    const question: Question = { room: { id: '', orgId, name: 'try', kind: 'agent' satisfies KindName, title: '', locked: true, listed: false }, asker: user, prompt: text, recent: [] }
    audit.record({ orgId, userId: user.id, action: 'persona.tried', detail: { persona: id, engine } })
    const one: Running = { userId: user.id, stop, done: Promise.resolve() }
    running.add(one)
    stream.state = 'streaming'
    one.done = speak(stream, persona, question, stop.signal, budget.id).finally(() => running.delete(one))
    return { stream, stop: () => stop.abort() }
  }

  async function speak(stream: UiStream, persona: Persona, question: Question, stop: AbortSignal, countedAs: string): Promise<void> {
    const said = new AnswerStream({
      id: '', room: question.room.name, bot: persona.id, userId: question.asker.id,
      onDelta({ text, thought }) {
        if (text === '' && thought !== undefined) stream.recast()
        else stream.delta(text)
      },
      onThought: text => stream.thought(text),
    })
    const answered = await answer(said, engineOf(persona), persona, question, { stop, silenceMs })
    const reason = closing && answered.reason === 'stopped' ? 'restarted' : answered.reason
    if (answered.failure !== undefined && answered.reason !== undefined && !stop.aborted) onError(engineFailure(answered.reason, answered.failure), 'trying a persona')
    turns.spend(question.room.orgId, countedAs, answered.tokens ?? costOf(engineOf(persona), persona, question, said.text), performance.now(), takerOf(question.asker.id))
    stream.end({ ...endedBy(reason), sources: answered.sources })
  }

  return {
    begin,
    async close() {
      closing = true
      for (const { stop } of running) stop.abort()
      await Promise.all([...running].map(({ done }) => done))
    },
  }
}
