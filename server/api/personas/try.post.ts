import { z } from 'zod'
import { ProtocolError } from '#shared/protocol/errors'
import { messageText } from '#shared/protocol/fields'
import { personaId, personaSettings } from '#shared/protocol/persona'
import { LIMITS } from '#shared/protocol/limits'
import { showStream } from '../../agents/viewer'

const body = z.object({ id: personaId, settings: personaSettings, message: messageText })

/** Asks a persona as it is edited, in no room (AGT-11). The answer is a UI message stream; leaving it stops the engine. */
export default defineRoute('POST /api/personas/try', async ({ event, lastra, identity: asker }) => {
  const { id, settings, message } = parse(body, await readJsonBody(event, lastra, LIMITS.textBodyBytes))
  if (lastra.draining) throw new ProtocolError('unavailable', 'the server is restarting', { retryAfterMs: 10_000 })
  const { stream, stop } = await lastra.agents.tries.begin({ asker, id, settings, text: message })
  const { res } = event.node
  res.once('close', stop)
  if (res.destroyed) return stop()
  res.once('close', lastra.sessionEnds.on(asker.sid, () => res.destroy()))
  showStream(stream, res, 0)
})
