import { createParser } from 'eventsource-parser'
import { LIMITS } from '#shared/protocol/limits'
import { readEngineEvent } from './engine-events'

/** What was seen on the line to an engine, whatever a library made of it. */
export interface LineFacts {
  /** A request was sent. */
  asked: boolean
  /** The status of the response, once it came. */
  status?: number
  bytes: number
  /** Events that came. */
  events: number
  /** The engine said that its answer is over, by a reason to finish or by `[DONE]`. */
  finished: boolean
  /** The connection broke before that. */
  cut: boolean
  /** What came before that and ended it. */
  failed?: 'error' | 'malformed' | 'filtered'
}

const NOTHING: LineFacts = { asked: false, bytes: 0, events: 0, finished: false, cut: false }

/** The line of one question to an engine that is reached over HTTP. */
export interface EngineLine {
  readonly facts: LineFacts
  /** To be given to whatever asks the engine. */
  readonly fetch: typeof fetch
}

/**
 * Watches the line to an engine. Every byte is a sign of life: a comment that only keeps the line open as much as a word. The
 * stream ends when the engine has said its end, not when it closes the line: at once after `[DONE]` and the like, and after a
 * reason to finish once the usage has come, or {@link LIMITS.afterFinishMs} later.
 *
 * @param heard called for each piece of the response that comes
 */
export function createEngineLine(heard: () => void): EngineLine {
  const facts: LineFacts = { ...NOTHING }
  return {
    facts,
    async fetch(input, init) {
      // A further attempt begins anew.
      Object.assign(facts, { ...NOTHING, status: undefined, failed: undefined, asked: true })
      const response = await fetch(input, init)
      facts.status = response.status
      heard()
      if (!response.body) return response
      const { status, statusText, headers } = response
      const body = response.ok ? watched(response.body, facts, heard) : shortened(response.body, heard)
      return new Response(body, { status, statusText, headers })
    },
  }
}

/** The events of a stream up to its own end, and nothing that comes after. */
function watched(body: ReadableStream<Uint8Array>, facts: LineFacts, heard: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  const encoder = new TextEncoder()
  let isOver = false
  let hasClosed = false
  let passed = ''
  let waiting: ReturnType<typeof setTimeout> | undefined
  const parser = createParser({
    maxBufferSize: LIMITS.engineEventBytes,
    onEvent({ event: name, data }) {
      if (isOver || data === '') return
      const event = readEngineEvent(data)
      if (hasClosed && event === 'malformed') return
      facts.events++
      const wasFinished = facts.finished
      if (event === 'finish' || event === 'done') facts.finished = true
      else if (event !== 'words' && event !== 'usage' && !wasFinished) facts.failed = event
      isOver = event === 'done' || facts.failed !== undefined || (wasFinished && event !== 'words' && event !== 'finish')
      if (event === 'malformed') return
      passed += `${name === undefined ? '' : `event: ${name}\n`}${data.split('\n').map(line => `data: ${line}\n`).join('')}\n`
    },
    onError(error) {
      // Of the fields of an event only `data` matters: those that nobody knows are ignored, as the standard has it.
      if (error.type !== 'max-buffer-size-exceeded') return
      if (!facts.finished) facts.failed = 'malformed'
      isOver = true
    },
  })

  /** Reads on until there is something to pass on. */
  async function read(): Promise<void> {
    while (!isOver && passed === '') {
      const { done, value } = await reader.read()
      if (isOver) return
      if (done) {
        hasClosed = true
        // The last event may lack the empty line that ends it.
        parser.feed(`${decoder.decode()}\n\n`)
        isOver = true
      } else {
        heard()
        facts.bytes += value.byteLength
        parser.feed(decoder.decode(value, { stream: true }))
      }
    }
  }

  function leave(): void {
    isOver = true
    clearTimeout(waiting)
    void reader.cancel().catch(() => undefined)
  }

  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        await read()
      } catch {
        facts.cut = !facts.finished
        isOver = true
      }
      if (passed !== '') controller.enqueue(encoder.encode(passed))
      passed = ''
      if (isOver) {
        leave()
        controller.close()
      } else if (facts.finished) {
        waiting ??= setTimeout(leave, LIMITS.afterFinishMs)
      }
    },
    cancel: leave,
  }, { highWaterMark: 0 })
}

/** What an engine says of a refusal, as far as it is read. */
function shortened(body: ReadableStream<Uint8Array>, heard: () => void): ReadableStream<Uint8Array> {
  let bytes = 0
  return body.pipeThrough(new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      heard()
      bytes += chunk.byteLength
      if (bytes > LIMITS.engineEventBytes) return controller.terminate()
      controller.enqueue(chunk)
    },
  }))
}
