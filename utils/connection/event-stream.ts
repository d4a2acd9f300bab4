import { createParser } from 'eventsource-parser'
import type { EventSourceMessage } from 'eventsource-parser'

export interface ReadEventsOptions {
  onEvent: (event: EventSourceMessage) => void
  /** A comment came: the other end is there. */
  onComment?: () => void
  /** How long nothing may come, comments included, in milliseconds. */
  silenceMs: number
  /** Nothing came for so long: ends the request that is read. */
  onSilence: () => void
  /** Whether to read no further. @default never */
  isOver?: () => boolean
}

/** Reads a body of server-sent events to its end. Rejects when the body breaks off. */
export async function readEvents(body: ReadableStream<Uint8Array>, { onEvent, onComment, silenceMs, onSilence, isOver = () => false }: ReadEventsOptions): Promise<void> {
  let silence: ReturnType<typeof setTimeout> | undefined
  const parser = createParser({ onEvent, onComment })
  const decoder = new TextDecoder()
  const reader = body.getReader()
  try {
    for (;;) {
      clearTimeout(silence)
      silence = setTimeout(onSilence, silenceMs)
      const { done, value } = await reader.read()
      if (done || isOver()) return
      parser.feed(decoder.decode(value, { stream: true }))
    }
  } finally {
    clearTimeout(silence)
  }
}
