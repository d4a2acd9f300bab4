import type { Carriage } from './carriage/carriage'
import type { HttpAccess } from './http-wire'
import { HttpWire } from './http-wire'
import type { OpenWire } from './wire'

/** Frames that one of the browser's tabs reads for all of them down, requests of this tab's own up (TAB-1 … TAB-4). */
export function createCarriedWire(access: HttpAccess, transport: 'sse' | 'polling', carriage: Carriage): OpenWire {
  return (events) => {
    const wire = new HttpWire(access, events)
    const seat = carriage.take({
      frame: frame => wire.receive(frame, JSON.stringify(frame).length),
      ended: end => wire.end(end),
    })
    let line: string | undefined
    const farewell = () => line !== undefined && wire.farewell('DELETE', '/api/chat/poll', { connection_id: line })

    async function open() {
      const opened = await wire.ask<{ connection_id: string }>('POST', '/api/chat/lines', { query: { ...wire.peer, transport } })
      line = opened?.connection_id
      if (line === undefined) return
      if (wire.isEnded) farewell()
      else seat.ride(line)
    }
    void open()
    // Nothing else tells the server soon that a page has gone.
    if (typeof window !== 'undefined') window.addEventListener('pagehide', farewell)
    return {
      send: text => wire.send(text),
      unsent: () => wire.unsent(),
      close() {
        if (typeof window !== 'undefined') window.removeEventListener('pagehide', farewell)
        if (!wire.isEnded) farewell()
        seat.leave()
        wire.close()
      },
    }
  }
}
