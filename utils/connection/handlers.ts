import type { ServerFrame, ServerFrameOf, ServerFrameType } from '#shared/protocol/frames'

type Handler = (frame: ServerFrame) => void

/** Who listens for which frames. */
export interface Handlers {
  /** Listens for one frame type; returns the function that stops it. */
  on: <T extends ServerFrameType>(type: T, handler: (frame: ServerFrameOf<T>) => void) => () => void
  /** Gives a frame to everyone who listens for its type. */
  emit: (frame: ServerFrame) => void
}

/** A list of listeners by frame type. One that stops listening while a frame is given out may still get that one. */
export function createHandlers(): Handlers {
  const handlers = new Map<ServerFrameType, Set<Handler>>()

  return {
    on(type, handler) {
      const set = handlers.get(type) ?? new Set<Handler>()
      handlers.set(type, set.add(handler as Handler))
      return () => void set.delete(handler as Handler)
    },
    emit(frame) {
      for (const handler of [...handlers.get(frame.type) ?? []]) handler(frame)
    },
  }
}
