import type { LanguageModelV3, LanguageModelV3CallOptions, LanguageModelV3Prompt, LanguageModelV3StreamPart, LanguageModelV3Usage, SharedV3Warning } from '@ai-sdk/provider'
import { longPieces } from '../../limits/long-pieces'
import { answer } from './engine'
import type { EngineContext } from './engine'
import type { Answer } from './types'
import { words } from './words'

export const ENGINE_PROVIDER = 'lastra'
export const ENGINE_MODEL = 'built-in'

/** How the answer comes. */
export interface EngineOptions extends EngineContext {
  /** What was asked; the last message of the user in the prompt unless given. */
  request?: string
  /** Milliseconds between two words, for those who want to read along and to stop it. None unless given. */
  wordMs?: number
}

/**
 * The built-in engine as the AI SDK knows a model, so that it is streamed, stopped, counted and stored like any other. One is
 * made for each request, because an answer depends on who asks and on what room: neither fits into `providerOptions`, which
 * are JSON. It answers the last message of the user; instructions and earlier messages do not change what it says.
 */
export function createEngineModel(options: EngineOptions): LanguageModelV3 {
  return {
    specificationVersion: 'v3',
    provider: ENGINE_PROVIDER,
    modelId: ENGINE_MODEL,
    supportedUrls: {},
    async doStream(call) {
      return { stream: streamOf(options, call) }
    },
    async doGenerate(call) {
      let text = ''
      for await (const part of partsOf({ ...options, wordMs: 0 }, call)) {
        if (part.type === 'text-delta') text += part.delta
        else if (part.type === 'finish') {
          const { usage, finishReason, providerMetadata } = part
          return { content: [{ type: 'text', text }], usage, finishReason, ...(providerMetadata && { providerMetadata }), warnings: warningsOf(call) }
        }
      }
      throw new Error('[engine] the answer did not end')
    },
  }
}

function streamOf(options: EngineOptions, call: LanguageModelV3CallOptions): ReadableStream<LanguageModelV3StreamPart> {
  const parts = partsOf(options, call)
  return new ReadableStream<LanguageModelV3StreamPart>({
    async pull(controller) {
      try {
        const { done, value } = await parts.next()
        if (done) controller.close()
        else controller.enqueue(value)
      } catch (error) {
        controller.error(error)
      }
    },
    async cancel() {
      await parts.return(undefined)
    },
  }, { highWaterMark: 0 })
}

async function* partsOf(options: EngineOptions, call: LanguageModelV3CallOptions): AsyncGenerator<LanguageModelV3StreamPart, undefined> {
  const { abortSignal: signal, maxOutputTokens = Number.POSITIVE_INFINITY } = call
  signal?.throwIfAborted()
  yield { type: 'stream-start', warnings: warningsOf(call) }
  const question = options.request ?? lastQuestion(call.prompt)
  // A long room takes some milliseconds to look through, and many may ask at once.
  await longPieces.turn()
  const reply = await answer(question, options, signal)
  const pieces = piecesOf(reply.markdown)
  const shown = pieces.slice(0, maxOutputTokens)
  yield { type: 'response-metadata', modelId: ENGINE_MODEL, timestamp: new Date(options.now ?? Date.now()) }
  yield { type: 'text-start', id: '0' }
  for (const [index, delta] of shown.entries()) {
    if (index > 0 && options.wordMs) await pause(options.wordMs, signal)
    signal?.throwIfAborted()
    yield { type: 'text-delta', id: '0', delta }
  }
  yield { type: 'text-end', id: '0' }
  const whole = shown.length === pieces.length
  if (whole) for (const { id, url, title } of reply.sources) yield { type: 'source', sourceType: 'url', id, url, title }
  yield {
    type: 'finish',
    usage: usageOf(question, shown.length),
    finishReason: { unified: whole ? 'stop' : 'length', raw: undefined },
    providerMetadata: metadataOf(reply),
  }
  return undefined
}

/** Words, each with the space before it, and the last one with what follows. */
function piecesOf(text: string): string[] {
  const ends = [...text.matchAll(/\S+/g)].map(({ index, 0: word }) => index + word.length)
  return ends.map((end, n) => text.slice(ends[n - 1] ?? 0, n === ends.length - 1 ? undefined : end))
}

/** Its own unit: it has no tokens, and words are what a budget of it can count. */
function usageOf(question: string, written: number): LanguageModelV3Usage {
  const read = words(question).length
  return {
    inputTokens: { total: read, noCache: read, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: written, text: written, reasoning: 0 },
    raw: { unit: 'words' },
  }
}

function metadataOf({ skill, found }: Answer): Record<string, Record<string, string | boolean>> {
  return { [ENGINE_PROVIDER]: { skill, found } }
}

function lastQuestion(prompt: LanguageModelV3Prompt): string {
  const message = prompt.findLast(({ role }) => role === 'user')
  if (message?.role !== 'user') return ''
  return message.content.map(part => part.type === 'text' ? part.text : '').join(' ').trim()
}

/** What was asked for and cannot be had is said, not passed over. Settings of chance change nothing, for there is none. */
function warningsOf({ tools, responseFormat, stopSequences, prompt }: LanguageModelV3CallOptions): SharedV3Warning[] {
  const files = prompt.some(message => message.role === 'user' && message.content.some(({ type }) => type === 'file'))
  return [
    ...tools?.length ? ['tools'] : [],
    ...responseFormat?.type === 'json' ? ['responseFormat'] : [],
    ...stopSequences?.length ? ['stopSequences'] : [],
    ...files ? ['files'] : [],
  ].map(feature => ({ type: 'unsupported', feature }))
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal!.reason as Error)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
