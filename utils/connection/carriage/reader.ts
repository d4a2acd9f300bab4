import type { ServerFrame } from '#shared/protocol/frames'
import type { HttpAccess } from '../http-wire'
import { HttpWire } from '../http-wire'
import type { WireEnd } from '../wire'
import { BROKEN } from '../wire'
import type { AskedLine } from './load'

/** What a reader gets its lines from, and gives their frames to. */
export interface ReaderOptions {
  access: HttpAccess
  lines: () => readonly AskedLine[]
  /** Frames of a line; the last one is number `next`. */
  deliver: (line: string, frames: readonly ServerFrame[], next: number) => void
  /** The server has this line no longer, or not for this user. */
  refused: (line: string) => void
  /** The server says something: it is there, and so is this tab. */
  alive: () => void
  /** Nothing can be read, for this reason. */
  failed: (end: WireEnd) => void
}

/** Reads the lines of many tabs by one request, until it is stopped. */
export interface Reader {
  /** The lines are others. */
  changed: () => void
  /** A tab said what it has. */
  acknowledged: () => void
  stop: () => void
}

/** What a read answers for each line there is something to say of (TAB-2). */
export interface ReadAnswer { lines: readonly ({ connection_id: string } & ({ frames: ServerFrame[], next: number } | { code: string }))[] }

/** Pauses before a request that failed is made again: it is safe, because frames are numbered and kept until acknowledged. */
export const AGAIN_MS = [250, 1_000, 2_000] as const

/** Changes that come together are one. */
export const TOGETHER_MS = 10

export const READ_PATH = '/api/chat/lines/read'

/** A wire that is used for its requests alone. */
export function requests(access: HttpAccess, closed: (end: WireEnd) => void = () => undefined): HttpWire {
  return new HttpWire(access, { frame: () => undefined, closed })
}

/** Whether a failure is one of the network, after which the same request may be made again. */
export function isNetwork({ code, reason }: WireEnd): boolean {
  return code === BROKEN && reason === 'network'
}

/** Waits; `stop` ends the waiting. */
export function createPause(): { wait: (ms: number) => Promise<void>, stop: () => void } {
  let stop = () => {}
  return {
    wait: ms => new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      stop = () => {
        clearTimeout(timer)
        resolve()
      }
    }),
    stop: () => stop(),
  }
}
