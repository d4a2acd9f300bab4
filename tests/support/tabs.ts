import type { Exclusive } from '../../utils/app/exclusive'
import type { OpenChannel } from '../../utils/connection/carriage/messages'
import type { TabChannel, TabMessage } from '../../utils/app/tab-channel'

/** The tabs of one browser in memory: a channel between them and the locks they share. */
export interface FakeTabs {
  /** Opens one more tab. */
  open: () => { channel: TabChannel, exclusive: Exclusive, openChannel: OpenChannel, close: () => void }
  /** Everything that was said, oldest first. */
  said: TabMessage[]
}

type Handler = (message: TabMessage) => void

/** Tabs without a browser. A tab that is closed hears nothing more, and its locks are free. */
export function fakeTabs(): FakeTabs {
  const tabs = new Map<string, Map<string, Set<Handler>>>()
  const goners = new Map<string, (() => void)[]>()
  const queues = new Map<string, Promise<void>>()
  const said: TabMessage[] = []
  const ears = new Set<{ id: string, name: string, onmessage: BroadcastChannel['onmessage'] }>()
  let count = 0

  return {
    said,
    open() {
      const id = `tab${++count}`
      const handlers = new Map<string, Set<Handler>>()
      tabs.set(id, handlers)
      let free = () => {}
      const closed = new Promise<void>(resolve => free = resolve)
      const channel: TabChannel = {
        id,
        post(message) {
          said.push(message)
          for (const [other, theirs] of tabs) {
            if (other !== id) queueMicrotask(() => theirs.get(message.type)?.forEach(handler => handler(message)))
          }
        },
        on(type, handler) {
          const set = handlers.get(type) ?? new Set()
          handlers.set(type, set.add(handler as Handler))
          return () => set.delete(handler as Handler)
        },
        gone: tab => tabs.has(tab) ? new Promise(resolve => goners.set(tab, [...goners.get(tab) ?? [], resolve])) : Promise.resolve(),
      }
      const exclusive: Exclusive = (name, task) => {
        const turn = (queues.get(name) ?? Promise.resolve()).then(() => tabs.has(id) ? Promise.race([task(), closed]) : undefined)
        queues.set(name, turn)
        return turn
      }
      const openChannel: OpenChannel = (name) => {
        const ear: typeof ears extends Set<infer E> ? E & ReturnType<OpenChannel> : never = {
          id, name, onmessage: null,
          postMessage(message: unknown) {
            const data = structuredClone(message)
            for (const other of ears) {
              if (other === ear || other.name !== name || !tabs.has(id)) continue
              setImmediate(() => tabs.has(other.id) && other.onmessage?.call({} as BroadcastChannel, { data } as MessageEvent))
            }
          },
          close: () => void ears.delete(ear),
        }
        ears.add(ear)
        return ear
      }
      const close = () => {
        tabs.delete(id)
        for (const ear of ears) if (ear.id === id) ears.delete(ear)
        handlers.clear()
        free()
        goners.get(id)?.forEach(tell => tell())
      }
      return { channel, exclusive, openChannel, close }
    },
  }
}
