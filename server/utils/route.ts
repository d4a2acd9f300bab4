import type { H3Event } from 'h3'
import { ProtocolError } from '#shared/protocol/errors'
import { identifier, roomAddress } from '#shared/protocol/fields'
import type { AnswerTo, AnsweringRoute, JsonOf } from '#shared/protocol/http'
import type { AgentStream } from '../agents/agent-stream'
import type { OwnSession } from '../agents/sessions'
import type { ViewedElsewhere } from '../agents/viewed-elsewhere'
import type { Identity } from '../auth/types'
import { DEFAULT_ORGANISATION } from '../auth/users'
import type { Lastra } from '../lastra'
import { moderatesEverywhere, requireAllowed } from '../rooms/access'
import type { Asker, Permission } from '../rooms/access'
import { ROUTES } from '../rooms/access-table'
import type { RouteAccess, RouteName } from '../rooms/access-table'
import type { Room } from '../rooms/types'

/** The organisation somebody sees, and their user where they have one. */
export interface Visitor {
  orgId: string
  user?: Identity['user']
}

/** Who asks, as far as a route wants to know. */
type Who<A> = A extends 'open' ? object : A extends 'anyone' ? { identity?: Identity } : A extends 'visitor' | { by: 'visitor' } ? { visitor: Visitor } : { identity: Identity }

/** What is asked about. */
type What<A> = OfRoom<A> & OfSession<A>
type OfRoom<A> = A extends { room: Permission } ? { room: Room, asker: Asker } : A extends { answer: Permission } ? { stream: AgentStream | ViewedElsewhere } : object
type OfSession<A> = A extends { named: 'path' } ? OwnSession : A extends { named: 'body' } ? { requireSession: (id: string) => Promise<OwnSession> } : object

/** The request, and what its route's access has found out. */
export type Asked<A extends RouteAccess> = { event: H3Event, lastra: Lastra } & Who<A> & What<A>

/** What a handler gives: what the contract says that its route answers, where it says so. */
type Answer<R> = R extends AnsweringRoute ? AnswerTo<R> | JsonOf<AnswerTo<R>> : unknown

/** The one person of a session with an agent (AGT-2). */
const OWNER: Asker = { membership: { role: 'host', muted: false, removed: false } }

/**
 * A handler of the API, under the access that the table names for its route (ACC-3). What it returns is sent as JSON, a string as JSON
 * that is text already; what it throws is answered like an `error` frame: `{ code, message, retryable, retry_after_ms? }` with the
 * status that says the same (`server/http/api.ts`).
 *
 * @param route its method and the path of its file
 */
export function defineRoute<R extends RouteName>(route: R, handler: (asked: Asked<typeof ROUTES[R]>) => Answer<R> | Promise<Answer<R>>) {
  return defineEventHandler(async (event) => {
    const lastra = await useLastra()
    const found = await authorise(event, lastra, ROUTES[route])
    return handler({ event, lastra, ...found } as Asked<typeof ROUTES[R]>)
  })
}

/** @throws ProtocolError `unauthorized`, `forbidden`, `not_found`, or `rate_limited` for one who asks too often */
async function authorise(event: H3Event, lastra: Lastra, access: RouteAccess): Promise<object> {
  if (access === 'open') return {}
  if (access === 'anyone') return { identity: await findIdentity(event, lastra) }
  if (access === 'visitor') return { visitor: await requireVisitor(event, lastra) }
  if (access === 'connection') return { identity: await requireChatIdentity(event, lastra) }
  if (typeof access === 'object' && 'room' in access) return findRoom(event, lastra, access)
  const identity = await requireIdentity(event, lastra)
  if (access === 'operator' && !moderatesEverywhere(identity.user.role)) throw new ProtocolError('forbidden', 'only operators and administrators may do this')
  if (access === 'admin' && identity.user.role !== 'admin') throw new ProtocolError('forbidden', 'only administrators may do this')
  if (typeof access === 'string') return { identity }
  if ('answer' in access) return { identity, stream: await findAnswer(event, lastra, identity, access.answer) }
  const requireSession = async (id: string): Promise<OwnSession> => {
    const own = await lastra.agents.sessions.find(identity, id)
    requireAllowed(OWNER, own.room, access.session)
    return own
  }
  return { identity, ...access.named === 'path' ? await requireSession(getRouterParam(event, 'id') ?? '') : { requireSession } }
}

async function findRoom(event: H3Event, lastra: Lastra, { room: permission, by }: { room: Permission, by: 'user' | 'visitor' }) {
  const who = by === 'user' ? { identity: await requireIdentity(event, lastra) } : { visitor: await requireVisitor(event, lastra) }
  const { user, orgId }: Visitor = who.identity ?? who.visitor
  const address = roomAddress.safeParse(getRouterParam(event, 'room'))
  const found = address.success ? await lastra.rooms.seek(orgId, address.data, user) : undefined
  if (!found) throw new ProtocolError('not_found', 'room: does not exist')
  requireAllowed(found.asker, found.room, permission)
  return { ...who, ...found }
}

async function findAnswer(event: H3Event, lastra: Lastra, identity: Identity, permission: Permission): Promise<AgentStream | ViewedElsewhere> {
  const id = identifier.safeParse(getRouterParam(event, 'streamId'))
  const stream = await lastra.agents.findStream(identity, id.success ? id.data : '')
  requireAllowed(OWNER, { kind: 'agent', locked: false }, permission)
  return stream
}

/** @throws ProtocolError `unauthorized` for a stranger where guests are not allowed */
async function requireVisitor(event: H3Event, lastra: Lastra): Promise<Visitor> {
  const identity = await findIdentity(event, lastra)
  if (identity) return { orgId: identity.orgId, user: identity.user }
  if (!lastra.config.guestsAllowed) throw new ProtocolError('unauthorized', 'sign in first')
  return { orgId: DEFAULT_ORGANISATION }
}
