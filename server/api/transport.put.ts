import { ProtocolError } from '#shared/protocol/errors'
import { LIMITS } from '#shared/protocol/limits'
import { assignedTransport } from '../rollout/policy'
import { policyChange } from '../rollout/transport-flag'

/** Sets the transport policy while the server runs; every open page is told at once (FLAG-1). Administrators only. */
export default defineApiHandler(async (event, lastra) => {
  const identity = await requireIdentity(event, lastra)
  const { user } = identity
  if (user.role !== 'admin') throw new ProtocolError('forbidden', 'only administrators may set the transport')
  const change = parse(policyChange, await readJsonBody(event, lastra, LIMITS.formBytes))
  const policy = await lastra.transportFlag.change(change, identity).catch((error: unknown) => {
    throw error instanceof RangeError ? new ProtocolError('bad_frame', error.message) : error
  })
  lastra.realtime.tell(({ user: { id } }) => ({ type: 'transport.flag', transport: assignedTransport(policy, id) }))
  lastra.logger.info({ user: user.id, policy }, 'transport policy set')
  return { transport: assignedTransport(policy, user.id), policy }
})
