import { unwaited } from '../app/warm'
import type { OpenWire, Wire } from './wire'
import { BROKEN } from './wire'

/**
 * A wire whose code is fetched when it is first opened: most pages never need it. Where the code does not come, that try at a connection
 * has failed, and the next one fetches it again.
 */
export function lateWire(load: () => Promise<OpenWire>): OpenWire {
  return (events) => {
    let wire: Wire | undefined
    let isClosed = false
    // The connection's own mark says that there is none: no sentence about a missing part beside it.
    unwaited(load()).then(
      (open) => {
        if (!isClosed) wire = open(events)
      },
      () => {
        if (!isClosed) events.closed({ code: BROKEN, reason: 'not loaded' })
      },
    )
    return {
      send: text => wire?.send(text) ?? false,
      unsent: () => wire?.unsent() ?? 0,
      close() {
        isClosed = true
        wire?.close()
      },
    }
  }
}
