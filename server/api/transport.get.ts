import { assignedTransport } from '../rollout/policy'

/** The transport the asking user is to take: `{ transport }` (FLAG-1); administrators also see the whole `policy`. */
export default defineRoute('GET /api/transport', async ({ lastra, identity }) => {
  const policy = lastra.transportFlag.policy()
  if (!identity) return { transport: policy.default }
  return {
    transport: assignedTransport(policy, identity.user.id),
    ...(identity.user.role === 'admin' && { policy }),
  }
})
