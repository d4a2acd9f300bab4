import { afterEach, expect } from 'vitest'
import { ENTRY_TYPES, serverFrameSchemas } from '#shared/protocol/frames'
import type { ServerFrame } from '#shared/protocol/frames'
import { httpAnswers } from '#shared/protocol/http'
import type { ZodType } from 'zod'

/** What the server sent against the contract, in any connection of the running tests. */
const violations: string[] = []

afterEach(() => {
  expect(violations.splice(0), 'every frame of the server follows the contract').toEqual([])
})

/** Fails the running test: the server broke the contract. */
export function reportViolation(what: string): void {
  violations.push(what)
}

const routes = Object.entries(httpAnswers).map(([route, schema]) => {
  const [method, path] = route.split(' ') as [string, string]
  return { method, path: new RegExp(`^${path.replace(/\[\w+\]/g, '[^/]+')}$`), schema: schema as ZodType, isExact: !path.includes('[') }
}).sort((a, b) => Number(b.isExact) - Number(a.isExact))

/**
 * Holds an answer with 200 against what the contract says its route answers, and reports what is wrong with it, if anything.
 *
 * @param path with or without its query
 */
export function checkAnswer(method: string, path: string, status: number, body: unknown): void {
  if (status !== 200) return
  const route = routes.find(candidate => candidate.method === method && candidate.path.test(path.split('?')[0]!))
  const parsed = route?.schema.safeParse(body)
  if (parsed && !parsed.success) reportViolation(`${method} ${path}: ${parsed.error.issues.map(issue => `${issue.path.join('.')} ${issue.message}`).join('; ')}`)
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
