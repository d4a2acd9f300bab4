import type { ServerResponse } from 'node:http'
import { LIMITS } from '#shared/protocol/limits'
import type { UiStream } from './ui-stream'

/** What is shown of an answer, whichever node gives it. */
export type Viewed = Pick<UiStream, 'events' | 'state' | 'watch'>

const HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  // nginx would otherwise collect events until a buffer is full.
  'X-Accel-Buffering': 'no',
  'X-Vercel-AI-UI-Message-Stream': 'v1',
}

/**
 * Shows a stream on a response, from an event on, at the pace the network takes it. Nothing is queued for a slow viewer:
 * it has a place in the stream's own events.
 *
 * @param from how many of the events the viewer has
 */
export function showStream(stream: Viewed, response: ServerResponse, from: number): void {
  let next = from
  let stalled: ReturnType<typeof setTimeout> | undefined
  response.writeHead(200, HEADERS)
  response.flushHeaders()
  // A write that races the viewer's going away is no news: `close` tells of it.
  response.on('error', () => undefined)

  function more(): void {
    if (stalled || response.destroyed || response.writableEnded) return
    if (next < stream.events.length) {
      const taken = response.write(stream.events.slice(next).join(''))
      next = stream.events.length
      // One who takes nothing is cut, and resumes when it can.
      if (!taken) stalled = setTimeout(() => response.destroy(), LIMITS.stalledMs)
    }
    if (stream.state === 'ended') response.end()
  }

  const unwatch = stream.watch(more)
  const beating = setInterval(() => {
    if (!stalled) response.write(':\n\n')
  }, LIMITS.streamCommentMs)
  response.on('drain', () => {
    clearTimeout(stalled)
    stalled = undefined
    more()
  })
  response.once('close', () => {
    unwatch()
    clearInterval(beating)
    clearTimeout(stalled)
  })
  more()
}
