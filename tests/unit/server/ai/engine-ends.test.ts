import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ANSWER_END_CODES } from '../../../../shared/protocol/answer-ends'
import type { AnswerEnd } from '../../../../shared/protocol/answer-ends'
import { ends } from '../../../../locales/ends.en'
import { AnswerStream } from '../../../../server/ai/answer-stream'
import { answer } from '../../../../server/ai/answering'
import type { Answered, Bounds } from '../../../../server/ai/answering'
import type { Question } from '../../../../server/ai/engine'
import { END_WORDS } from '../../../../server/ai/end-words'
import { engineFailure } from '../../../../server/ai/engine-ends'
import { SHIPPED } from '../../../../server/ai/persona'
import { startAiServer } from '../../../support/ai-server'
import type { AiBehaviour, AiServer } from '../../../support/ai-server'
import { ENGINE_APIS } from '../../../support/engine-streams'
import type { EngineApi } from '../../../support/engine-streams'
import { waitFor, within } from '../../../support/wait'

const question = { room: { id: 'i', name: 'r', kind: 'room' }, asker: { id: 'u', name: 'Ann', role: 'guest' }, prompt: 'What?', recent: [] } as unknown as Question
const NEVER = new AbortController().signal
let ai: AiServer

beforeAll(async () => {
  ai = await startAiServer()
})
afterEach(() => ai.behave({}))
afterAll(() => ai.close())

interface Outcome extends Answered { text: string, thought: string }

/** Asks a real server that speaks one of the APIs. */
async function ask(api: EngineApi, behaviour: AiBehaviour, bounds: Partial<Bounds> = {}, url = ai.url): Promise<Outcome> {
  ai.behave({ delayMs: 2, ...behaviour })
  const stream = new AnswerStream({ id: 's', room: 'r', bot: 'host', userId: 'u', onDelta: () => {} })
  const engine = { name: api.name, languageModel: (_: Question, line?: typeof fetch) => api.model(url, line) }
  // An end that waits for the line to close never comes here.
  const answered = await within(answer(stream, engine, SHIPPED[0]!, question, { stop: NEVER, silenceMs: 60_000, ...bounds }), 20_000, 'the end of an answer')
  return { ...answered, text: stream.text, thought: stream.thinking?.text ?? '' }
}

describe.each(ENGINE_APIS.map(api => [api.name, api] as const))('[AI-7] how an answer of %s ends', (_, api) => {
  const { begin, say, think, finish, error } = api
  const words = [begin(), say('One '), say('two.')]

  it.each<[what: string, behaviour: AiBehaviour, reason: AnswerEnd | undefined, text?: string]>([
    ['its own end', { raw: { pieces: [...words, finish('stop')] } }, undefined],
    ['its own end, the line kept open', { raw: { pieces: [...words, finish('stop')], then: 'open' } }, undefined],
    ['the length limit', { raw: { pieces: [...words, finish('length')], then: 'open' } }, 'token_limit'],
    ['the provider’s filter', { raw: { pieces: [...words, finish('filter')], then: 'open' } }, 'filtered'],
    ['an error in the stream', { raw: { pieces: [...words, error(), say(' three')], then: 'open' } }, 'stream_error'],
    ['what is no JSON', { raw: { pieces: [...words, 'data: {"choices": [\n\n', say(' three')], then: 'open' } }, 'malformed'],
    ['a broken line', { raw: { pieces: words, then: 'break' } }, 'cut'],
    ['a closed line without an end', { raw: { pieces: words } }, 'unfinished'],
    ['not a word', { raw: { pieces: [begin(), finish('stop')], then: 'open' } }, 'empty', ''],
    ['a broken line before a word', { raw: { pieces: [begin()], then: 'break' } }, 'cut', ''],
    ['silence', { raw: { pieces: words, then: 'open' } }, 'silent'],
  ])('%s', async (_what, behaviour, reason, text = 'One two.') => {
    const outcome = await ask(api, behaviour, reason === 'silent' ? { silenceMs: 500 } : {})
    expect(outcome).toMatchObject({ text })
    expect(outcome.reason).toBe(reason)
    await waitFor(() => ai.open === 0, { what: 'the engine to be left' })
  })

  it.each<[status: number, reason: AnswerEnd]>([[400, 'rejected'], [401, 'denied'], [403, 'denied'], [404, 'unknown_model']])('a refusal with %i', async (status, reason) => {
    expect((await ask(api, { status })).reason).toBe(reason)
  })

  it('[AI-8] what it calls thinking is kept apart from what it says', async () => {
    const outcome = await ask(api, { raw: { pieces: [begin(), think('Let me see.'), say('Yes.'), finish('stop')] } })
    expect(outcome).toMatchObject({ text: 'Yes.', thought: 'Let me see.' })
    expect(outcome.reason).toBeUndefined()
  })

  it('a comment that only keeps the line open is a sign of life', async () => {
    const pieces = [begin(), ...Array.from({ length: 12 }, () => ': ping\n\n'), say('One two.'), finish('stop')]
    const outcome = await ask(api, { raw: { pieces }, delayMs: 100 }, { silenceMs: 700 })
    expect(outcome).toMatchObject({ text: 'One two.' })
    expect(outcome.reason).toBeUndefined()
  })

  it('passes nothing on of what the provider says of its failure', async () => {
    const { reason, failure } = await ask(api, { raw: { pieces: [...words, error()] } })
    expect(`${String(engineFailure(reason!, failure))} ${END_WORDS[reason!]} ${ends[reason!]}`).not.toContain('secret words')
  })
})

describe('[AI-7] ends that the line decides', () => {
  const [compatible] = ENGINE_APIS as [EngineApi]
  const { begin, say } = compatible
  const tool = { index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }
  const chunk = (delta: object, finish_reason: string | null = null) => `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta, finish_reason }] })}\n\n`

  it.each<[what: string, pieces: string[], reason: AnswerEnd | undefined, text: string]>([
    ['`[DONE]` without a reason to finish', [begin(), say('One.'), 'data: [DONE]\n\n'], undefined, 'One.'],
    ['`[DONE]` without the line that ends it', [begin(), say('One.'), chunk({}, 'stop').trimEnd()], undefined, 'One.'],
    ['a reason to finish, then the usage', [begin(), say('One.'), chunk({}, 'stop'), 'data: {"id":"x","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}\n\n'], undefined, 'One.'],
    ['words after the end', [begin(), say('One.'), 'data: [DONE]\n\ndata: {"id":"x","choices":[{"index":0,"delta":{"content":" Two."}}]}\n\n'], undefined, 'One.'],
    ['a tool that was not offered', [begin(), chunk({ tool_calls: [tool] }), chunk({}, 'tool_calls')], 'tool_call', ''],
    ['words and a tool', [begin(), say('One.'), chunk({ tool_calls: [tool] }), chunk({}, 'tool_calls')], 'tool_call', 'One.'],
    ['a reason nobody knows', [begin(), say('One.'), chunk({}, 'tired')], 'unknown_finish', 'One.'],
    ['a page instead of a stream', ['<html>Welcome</html>'], 'malformed', ''],
    ['nothing at all', [], 'unfinished', ''],
    ['a character cut in two', [begin(), say('é'), chunk({}, 'stop')], undefined, 'é'],
  ])('%s', async (_, pieces, reason, text) => {
    const isOpen = reason !== 'malformed' && reason !== 'unfinished' && pieces.at(-1)?.endsWith('\n\n')
    const outcome = await ask(compatible, { raw: { pieces, then: isOpen ? 'open' : 'close' } })
    expect(outcome).toMatchObject({ text })
    expect(outcome.reason).toBe(reason)
  })

  it('counts what the engine counted, though the line stays open', async () => {
    const usage = 'data: {"id":"x","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}\n\n'
    expect(await ask(compatible, { raw: { pieces: [begin(), say('One.'), chunk({}, 'stop'), usage], then: 'open' } })).toMatchObject({ tokens: 3 })
  })

  it('an engine that is not there', async () => {
    expect((await ask(compatible, {}, {}, 'http://127.0.0.1:9/v1')).reason).toBe('unreachable')
  }, 30_000)

  it.each<[status: number, reason: AnswerEnd]>([[429, 'busy'], [500, 'engine_down'], [503, 'engine_down']])('a refusal with %i, after a second attempt', async (status, reason) => {
    const before = ai.requests.length
    expect((await ask(compatible, { status })).reason).toBe(reason)
    expect(ai.requests.length - before).toBe(2)
  }, 30_000)

  it('one that is stopped, or that goes on for ever', async () => {
    const pieces = [begin(), say('One.'), ...Array.from({ length: 500 }, () => ': ping\n\n')]
    const stop = new AbortController()
    const stopped = ask(compatible, { raw: { pieces }, delayMs: 20 }, { stop: stop.signal })
    await waitFor(() => ai.open === 1)
    stop.abort()
    expect((await stopped).reason).toBe('stopped')
    expect((await ask(compatible, { raw: { pieces }, delayMs: 20 }, { longestMs: 300 })).reason).toBe('endless')
  })

  it('one that is longer than a message, or never ends its first event', async () => {
    expect((await ask(compatible, { raw: { pieces: [begin(), ...Array.from({ length: 20 }, () => say('x'.repeat(1000)))], then: 'open' } })).reason).toBe('message_limit')
    expect((await ask(compatible, { raw: { pieces: [`data: ${'x'.repeat(2_000_000)}`], then: 'open' } })).reason).toBe('malformed')
  })
})

it('[AI-7] each end has a sentence of its own, for people and on the wire', () => {
  for (const sentences of [ends, END_WORDS]) expect(new Set(ANSWER_END_CODES.map(code => sentences[code])).size).toBe(ANSWER_END_CODES.length)
})
