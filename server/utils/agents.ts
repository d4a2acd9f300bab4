import type { H3Event } from 'h3'
import { ProtocolError } from '#shared/protocol/errors'
import type { AgentStream } from '../agents/agent-stream'
import type { OwnSession } from '../agents/sessions'
import type { Identity } from '../auth/types'
import type { Lastra } from '../lastra'
import { moderatesEverywhere } from '../rooms/permissions'

/** The session in the path, if it is the asker's. @throws ProtocolError `unauthorized`, `not_found` */
export async function requireSession(event: H3Event, lastra: Lastra): Promise<OwnSession & { owner: Identity }> {
  const owner = await requireIdentity(event, lastra)
  return { owner, ...await lastra.agents.sessions.find(owner, getRouterParam(event, 'id') ?? '') }
}

/** The stream in the path, if it is the asker's. @throws ProtocolError `unauthorized`, `not_found` */
export async function requireStream(event: H3Event, lastra: Lastra): Promise<{ stream: AgentStream, owner: Identity }> {
  const owner = await requireIdentity(event, lastra)
  return { owner, stream: lastra.agents.streams.find(owner, getRouterParam(event, 'streamId') ?? '') }
}

/** An operator or administrator. @throws ProtocolError `unauthorized`, `forbidden` */
export async function requireOperator(event: H3Event, lastra: Lastra): Promise<Identity> {
  const identity = await requireIdentity(event, lastra)
  if (!moderatesEverywhere(identity.user)) throw new ProtocolError('forbidden', 'only operators and administrators may do this')
  return identity
}
