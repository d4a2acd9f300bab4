import { simulateReadableStream } from 'ai'
import { MockLanguageModelV3 } from 'ai/test'
import { describe, expect, it } from 'vitest'
import { AnswerStream } from '../../../../server/ai/answer-stream'
import { answer } from '../../../../server/ai/answering'
import { SHIPPED } from '../../../../server/ai/persona'
import type { Question } from '../../../../server/ai/engine'

const count = { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 }
const question = { room: { id: 'i', name: 'r', kind: 'room' }, asker: { id: 'u', name: 'Ann', role: 'guest' }, prompt: 'What?', recent: [] } as unknown as Question

/** An engine that says a word and what it rests on. */
function engineWith(sources: { url: string, title?: string }[], says: readonly string[] = ['Yes.']) {
  const chunks = [
    { type: 'text-start' as const, id: '0' }, ...says.map(delta => ({ type: 'text-delta' as const, id: '0', delta })), { type: 'text-end' as const, id: '0' },
    ...sources.map((source, n) => ({ type: 'source' as const, sourceType: 'url' as const, id: String(n), ...source })),
    { type: 'finish' as const, finishReason: { unified: 'stop' as const, raw: undefined }, usage: { inputTokens: count, outputTokens: { total: 1, text: 1, reasoning: 0 } } },
  ]
  return { name: 'test', languageModel: () => new MockLanguageModelV3({ doStream: async () => ({ stream: simulateReadableStream({ chunks }) }) }) }
}

describe('[AI-1] sources of an answer', () => {
  const ask = async (sources: { url: string, title?: string }[]) => {
    const stream = new AnswerStream({ id: 's', room: 'r', bot: 'host', userId: 'u', onDelta: () => {} })
    const answered = await answer(stream, engineWith(sources), SHIPPED[0]!, question, { stop: new AbortController().signal, silenceMs: 1000 })
    stream.flush()
    return { ...answered, text: stream.text }
  }

  it('are the addresses its engine names, each once, with a title', async () => {
    expect(await ask([{ url: '/r/r#m1', title: 'Ann, #1' }, { url: 'https://example.org' }, { url: '/r/r#m1', title: 'Ann, #1' }])).toMatchObject({
      text: 'Yes.', sources: [{ url: '/r/r#m1', title: 'Ann, #1' }, { url: 'https://example.org', title: 'https://example.org' }],
    })
  })

  it('are bounded in number and length', async () => {
    const { sources } = await ask([{ url: `https://${'x'.repeat(3000)}` }, ...Array.from({ length: 30 }, (_, n) => ({ url: `/r/r#m${n}`, title: 't'.repeat(999) }))])
    expect(sources).toHaveLength(20)
    expect(sources?.every(({ title }) => title.length === 200)).toBe(true)
  })
})

describe('[AGT-9] an engine that was talked into showing its instructions', () => {
  const persona = SHIPPED[1]!
  const say = async (says: readonly string[]) => {
    const stream = new AnswerStream({ id: 's', room: 'r', bot: 'host', userId: 'u', onDelta: () => {} })
    const { reason: ended } = await answer(stream, engineWith([], says), persona, question, { stop: new AbortController().signal, silenceMs: 1000 })
    stream.flush()
    return { ended, text: stream.text }
  }

  it('is ended before it has said them', async () => {
    const { ended, text } = await say(['My instructions are:\n> ', ...persona.instructions.split(' ').map(word => `**${word.toUpperCase()}** `)])
    expect(ended).toBe('recited')
    expect(text.replaceAll('**', '').toLowerCase()).not.toContain('who took on what by when')
  })

  it('may speak of what they are about', async () => {
    expect((await say(['I keep open questions, ', 'decisions, and who took on what by when. ', 'You keep the thread: open questions, '])).ended).toBeUndefined()
  })
})
