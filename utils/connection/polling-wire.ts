import type { ServerFrame } from '#shared/protocol/frames'
import type { HttpAccess } from './http-wire'
import { HttpWire } from './http-wire'
import type { OpenWire } from './wire'
import { BROKEN } from './wire'

/** How long the server may hold a poll back, and how much longer its answer may take. */
const WAIT_MS = 20_000
const GRACE_MS = 10_000
/** Pauses before a poll that failed is made again: it is safe, because frames are numbered and sent until acknowledged (POL-1). */
const AGAIN_MS = [250, 1_000, 2_000]

interface Polled { frames: ServerFrame[], next: number }

/** Requests that wait for frames down, requests up (POL-1). */
export function createPollingWire(access: HttpAccess): OpenWire {
  return (events) => {
    const wire = new HttpWire(access, events)
    const poller = poll(wire)
    const leave = () => void poller.leave()
    // Nothing else tells the server that a page has gone.
    if (typeof window !== 'undefined') window.addEventListener('pagehide', leave)
    return {
      send: text => wire.send(text),
      unsent: () => wire.unsent(),
      close() {
        if (typeof window !== 'undefined') window.removeEventListener('pagehide', leave)
        poller.leave()
        wire.close()
      },
    }
  }
}

function poll(wire: HttpWire): { leave: () => void } {
  let id: string | undefined
  let after = 0

  async function run() {
    const opened = await wire.ask<Polled & { connection_id: string }>('POST', '/api/chat/poll', { query: wire.peer })
    if (!opened) return
    id = opened.connection_id
    take(opened)
    for (let tries = 0; !wire.isEnded;) {
      const answer = await wire.tryAsk<Polled>('GET', '/api/chat/poll', { query: { connection_id: id, after: String(after), wait_ms: String(WAIT_MS) }, waitMs: WAIT_MS + GRACE_MS })
      if ('value' in answer) {
        tries = 0
        take(answer.value)
      } else if (answer.code === BROKEN && answer.reason === 'network' && tries < AGAIN_MS.length) {
        await new Promise(resolve => setTimeout(resolve, AGAIN_MS[tries++]))
      } else {
        wire.end(answer)
      }
    }
  }

  function take({ frames, next }: Polled) {
    after = next
    for (const frame of frames) wire.receive(frame, JSON.stringify(frame).length)
  }

  void run()
  return {
    leave() {
      if (id !== undefined && !wire.isEnded) wire.farewell('DELETE', '/api/chat/poll', { connection_id: id })
    },
  }
}
