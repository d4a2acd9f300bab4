import { ProtocolError } from '#shared/protocol/errors'
import { LIMITS } from '#shared/protocol/limits'
import { assignedTransport } from '../rollout/policy'
import { policyChange } from '../rollout/transport-flag'

/** Sets the transport policy while the server runs; every open page is told at once (FLAG-1). Administrators only. */
export default defineRoute('PUT /api/transport', async ({ event, lastra, identity }) => {
  const { user } = identity
  const change = parse(policyChange, await readJsonBody(event, lastra, LIMITS.formBytes))
  const policy = await lastra.transportFlag.change(change, identity).catch((error: unknown) => {
    throw error instanceof RangeError ? new ProtocolError('bad_frame', error.message) : error
  })
  lastra.bus.control({ type: 'transport-policy' })
  lastra.logger.info({ user: user.id, policy }, 'transport policy set')
  return { transport: assignedTransport(policy, user.id), policy }
})
