import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MockLanguageModelV3, simulateReadableStream } from 'ai/test'
import { createTries } from '../../../../server/agents/tries'
import type { Tries } from '../../../../server/agents/tries'
import type { Engine } from '../../../../server/ai/engine'
import { SHIPPED } from '../../../../server/ai/persona'
import type { Persona } from '../../../../server/ai/persona'
import { Turns } from '../../../../server/ai/turns'
import type { AuditEvent } from '../../../../server/audit/audit'
import { LIMITS } from '../../../../shared/protocol/limits'
import type { User } from '../../../../shared/protocol/frames'
import { waitFor } from '../../../support/wait'

const HOST = SHIPPED[0] as Persona
const USAGE = { inputTokens: { total: 300, noCache: 300, cacheRead: 0, cacheWrite: 0 }, outputTokens: { total: 200, text: 200, reasoning: 0 } }
const olga: User = { id: 'olga', name: 'Olga', role: 'operator' }

describe('[AGT-11] tries', () => {
  let tries: Tries
  let turns: Turns
  let saved: Persona[]
  let errors: unknown[]
  const audited: AuditEvent[] = []
  /** What the engine does: says something at once, waits until it is stopped, or fails. */
  let mood: 'says' | 'waits' | 'fails'

  const model = new MockLanguageModelV3({
    async doStream({ abortSignal }) {
      if (mood === 'fails') throw Object.assign(new Error('secret words'), { statusCode: 401 })
      if (mood === 'waits') {
        return { stream: new ReadableStream({ start(controller) {
          controller.enqueue({ type: 'text-start', id: '1' })
          controller.enqueue({ type: 'text-delta', id: '1', delta: 'begun' })
          abortSignal?.addEventListener('abort', () => controller.error(abortSignal.reason))
        } }) }
      }
      return { stream: simulateReadableStream({ chunks: [
        { type: 'text-start', id: '1' }, { type: 'text-delta', id: '1', delta: 'two words' }, { type: 'text-end', id: '1' },
        { type: 'finish', finishReason: { unified: 'stop', raw: undefined }, usage: USAGE },
      ] }) }
    },
  })
  const engine: Engine = { name: 'mock', model: 'm', languageModel: () => model }
  const ask = (id = 'host', user = olga) => tries.begin({ asker: { user, orgId: 'main' }, id, settings: { ...HOST, instructions: 'Edited.' }, text: 'What?' })

  beforeEach(() => {
    mood = 'says'
    turns = new Turns()
    saved = [{ ...HOST, tokensPerHour: 1000, answersPerMinute: 120 }]
    errors = []
    audited.length = 0
    tries = createTries({
      turns, silenceMs: 5000, engineOf: () => engine, onError: error => errors.push(error),
      personas: { find: async (_org, id) => saved.find(persona => persona.id === id) },
      audit: { record: event => void audited.push(event), prune: async () => {}, drained: async () => {} },
    })
  })
  afterEach(() => tries.close())

  it('answer with the settings as edited, in no room, and count for the budget that was saved', async () => {
    const { stream } = await ask()
    expect(await stream.done).toMatchObject({ finish: 'stop' })
    expect(stream.events.join('')).toContain('two words')
    expect(stream.events.join('')).toContain('"engine":"mock","model":"m"')
    expect(stream.events.at(-1)).toContain('[DONE]')
    expect(JSON.stringify(model.doStreamCalls.at(-1)?.prompt)).toMatch(/Edited\..*Olga: What\?/)
    expect(turns.used('main', 'host', performance.now())).toBe(500)
    await (await ask()).stream.done
    await expect(ask()).rejects.toMatchObject({ code: 'rate_limited' })
    expect(audited.map(({ action, detail }) => [action, detail])).toEqual([['persona.tried', { persona: 'host', engine: 'mock' }], ['persona.tried', { persona: 'host', engine: 'mock' }]])
  })

  it('of personas that are not saved have one budget together, whatever they are called', async () => {
    await (await ask('one')).stream.done
    await (await ask('two')).stream.done
    expect(turns.used('main', '+', performance.now())).toBe(1000)
    expect(turns.used('main', 'one', performance.now())).toBe(0)
  })

  it('end when they are left, and what was said until then is counted', async () => {
    mood = 'waits'
    const { stream, stop } = await ask()
    await waitFor(() => stream.events.join('').includes('begun'))
    stop()
    expect(await stream.done).toMatchObject({ finish: 'cancelled' })
    expect(turns.used('main', 'host', performance.now())).toBeGreaterThan(0)
    expect(errors).toEqual([])
  })

  it('are bounded: two at once, twenty a minute', async () => {
    mood = 'waits'
    const open = [await ask(), await ask()]
    await expect(ask()).rejects.toMatchObject({ code: 'rate_limited' })
    expect((await ask('host', { ...olga, id: 'other' })).stream.state).toBe('streaming')
    for (const { stop } of open) stop()
    await Promise.all(open.map(({ stream }) => stream.done))
    mood = 'says'
    saved = [{ ...HOST, answersPerMinute: 120 }]
    await expect((async () => {
      for (let n = 0; n < LIMITS.triesPerMinute; n++) await (await ask()).stream.done
    })()).rejects.toMatchObject({ code: 'rate_limited' })
  })

  it('say why an engine failed, without a word of its error', async () => {
    mood = 'fails'
    const { stream } = await ask()
    expect(await stream.done).toMatchObject({ finish: 'error', error: 'the engine refused this server\'s key' })
    expect(String(errors)).not.toContain('secret words')
    expect(errors).toHaveLength(1)
  })

  it('end with the server, and say so', async () => {
    mood = 'waits'
    const { stream } = await ask()
    await waitFor(() => stream.events.join('').includes('begun'))
    await tries.close()
    expect(await stream.done).toMatchObject({ finish: 'error', error: 'the server was restarted' })
  })
})
