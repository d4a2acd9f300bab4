import { z } from 'zod'
import type { ErrorCode } from '#shared/protocol/errors'
import { ProtocolError } from '#shared/protocol/errors'
import { identifier } from '#shared/protocol/fields'
import { LIMITS } from '#shared/protocol/limits'
import type { PollingTransport } from './polling'
import { waitFor } from './polling'

/** What a reader needs of a line, whichever node holds it. */
export type LineFrames = Pick<PollingTransport, 'attach' | 'detach' | 'following' | 'gave'>

const count = z.number().int('must be a whole number').min(0, 'must not be negative').max(Number.MAX_SAFE_INTEGER)

/** What one reader asks for each of its lines (TAB-2). */
export const carriedLine = z.object({
  connection_id: identifier,
  /** Frames after this one are asked for. */
  after: count,
  /** Frames up to this one have arrived in the tab itself, and may be forgotten. */
  acked: count,
  /** How long ago that tab was heard, in milliseconds. */
  idle_ms: count.default(0),
})

export type CarriedLine = z.output<typeof carriedLine>

/** A line that a reader may read, and after which frame it goes on. */
export interface ReadLine {
  readonly connectionId: string
  readonly transport: LineFrames
  readonly after: number
}

/** The same, without its frames. */
export type NotedLine = Pick<ReadLine, 'connectionId' | 'after'>

/** Why a line is not read. */
export interface RefusedLine {
  readonly connectionId: string
  readonly code: ErrorCode
}

/** The lines of one request, found for its user: each may be refused without harm to the others. */
export interface FoundLines {
  readonly lines: readonly ReadLine[]
  readonly refused: readonly RefusedLine[]
}

/**
 * Finds each line and notes what its tab has; what is wrong with one is said of that one alone.
 *
 * @param find gives the line, @throws ProtocolError `not_found`, `forbidden`
 */
export function findLines(asked: readonly CarriedLine[], find: (line: CarriedLine) => PollingTransport): FoundLines {
  const lines = new Map<string, ReadLine>()
  const refused: RefusedLine[] = []
  for (const line of asked) {
    const connectionId = line.connection_id
    try {
      const transport = find(line)
      lines.set(connectionId, { connectionId, transport, after: transport.resume(line.after, line.acked) })
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      refused.push({ connectionId, code: error.code })
    }
  }
  return { lines: [...lines.values()], refused }
}

/**
 * Answers one read of many lines as soon as one of them has a frame (TAB-2).
 *
 * @returns JSON `{ lines: [ { connection_id, frames, next } | { connection_id, code } ] }`, of those that there is something to say of
 */
export async function readLines({ lines, refused }: FoundLines, waitMs: number, gone: AbortSignal): Promise<string> {
  const ready = (): readonly ReadLine[] => lines.filter(({ transport, after }) => transport.following(after, 0).length > 0)
  const isOver = refused.length > 0 || lines.length === 0 || ready().length > 0
  if (!isOver && waitMs > 0 && !gone.aborted) {
    await waitFor(waitMs, gone, (reader) => {
      for (const { transport } of lines) transport.attach(reader)
      return () => lines.forEach(({ transport }) => transport.detach(reader))
    })
  }
  const full = ready()
  // Shared evenly, so that a busy line leaves the others their place.
  const share = LIMITS.pollBytes / Math.max(1, full.length)
  const answers = full.map(({ connectionId, transport, after }) => {
    const frames = transport.following(after, share)
    const next = frames.at(-1)?.n ?? after
    if (!gone.aborted) transport.gave(next)
    return `{"connection_id":${JSON.stringify(connectionId)},"frames":[${frames.map(({ json }) => json).join(',')}],"next":${next}}`
  })
  return `{"lines":[${[...answers, ...refused.map(asJson)].join(',')}]}`
}

/** A refused line as it is said to its reader. */
export function asJson({ connectionId, code }: RefusedLine): string {
  return JSON.stringify({ connection_id: connectionId, code })
}
