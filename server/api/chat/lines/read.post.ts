import { z } from 'zod'
import { parseJson } from '#shared/protocol/codec'
import { identifier } from '#shared/protocol/fields'
import { LIMITS } from '#shared/protocol/limits'
import { carriedLine } from '../../../realtime/transports/bundle'

const body = z.object({
  lines: z.array(carriedLine).max(LIMITS.linesPerRead, `must be at most ${LIMITS.linesPerRead}`),
  stream_id: identifier.optional(),
  wait_ms: z.number().int('must be a whole number').min(0, 'must not be negative').max(LIMITS.pollWaitMs, `must be at most ${LIMITS.pollWaitMs}`).default(0),
})

/** Brings the frames of many lines (TAB-2), or says which of them a stream carries (TAB-3). */
export default defineRoute('POST /api/chat/lines/read', async ({ event, lastra, identity: { user } }) => {
  const { lines, stream_id, wait_ms } = parse(body, parseJson(await readText(event, lastra, LIMITS.readBytes)))
  if (stream_id !== undefined) return lastra.lines.carry(user.id, stream_id, lines)
  const { res } = event.node
  const gone = new AbortController()
  const leave = (): void => gone.abort()
  if (res.destroyed) leave()
  res.once('close', leave)
  const json = await lastra.lines.read(user.id, lines, wait_ms, gone.signal)
  res.off('close', leave)
  return json
})
