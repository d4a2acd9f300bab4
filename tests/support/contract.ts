import { afterEach, expect } from 'vitest'
import { ENTRY_TYPES, serverFrameSchemas } from '#shared/protocol/frames'
import type { ServerFrame } from '#shared/protocol/frames'

/** What the server sent against the contract, in any connection of the running tests. */
const violations: string[] = []

afterEach(() => {
  expect(violations.splice(0), 'every frame of the server follows the contract').toEqual([])
})

/** Fails the running test: the server broke the contract. */
export function reportViolation(what: string): void {
  violations.push(what)
}

/** Whether a frame is an entry of a room's log, live or replayed. */
export function isEntry(frame: ServerFrame): boolean {
  return frame.type === 'message.replay' || (ENTRY_TYPES as readonly string[]).includes(frame.type)
}

/**
 * Reads a server frame and reports what is wrong with it, if anything (FRM-1, LOG-1).
 *
 * @returns undefined for what is no frame at all
 */
export function readServerFrame(text: string): ServerFrame | undefined {
  let frame: ServerFrame
  try {
    frame = JSON.parse(text) as ServerFrame
  } catch {
    reportViolation(`not JSON: ${text.slice(0, 80)}`)
    return undefined
  }
  if (typeof frame?.type !== 'string') {
    reportViolation(`no type: ${text.slice(0, 80)}`)
    return undefined
  }
  const wrong = violationOf(frame)
  if (wrong) reportViolation(`${wrong} in ${text.slice(0, 300)}`)
  return frame
}

function violationOf(frame: ServerFrame): string | undefined {
  if (!Object.hasOwn(serverFrameSchemas, frame.type)) return 'frame of unknown type'
  const parsed = serverFrameSchemas[frame.type].safeParse(frame)
  if (!parsed.success) return `frame against its schema: ${parsed.error.issues.map(issue => `${issue.path.join('.')} ${issue.message}`).join('; ')}`
  return 'seq' in frame && frame.type !== 'ack' && !isEntry(frame) ? 'frame with a seq that is no entry' : undefined
}
