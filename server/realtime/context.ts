import type { ClientFrameOf, ClientFrameType, ServerFrameOf, User } from '#shared/protocol/frames'
import type { Bots } from '../ai/bots'
import type { Identity } from '../auth/types'
import type { RoomLog } from '../log/types'
import type { RoomDirectory } from '../rooms/directory'
import type { SystemLines } from '../rooms/system-lines'
import type { Admission } from './admission'
import type { Bus, PeerMessage, Reached } from './bus'
import type { Calls } from './calls'
import type { Connection } from './connection'
import type { CountsElsewhere } from './counts-elsewhere'
import type { Hub } from './hub'
import type { Knocks } from './knocks'
import type { Presence } from './presence'
import type { LoopShares } from '../limits/loop-shares'
import type { Rate } from '../limits/token-bucket'
import type { Registry } from './registry'
import type { RoomOrder } from './room-order'
import type { CallPlaces } from '../work/call-places'
import type { Typing } from './typing'
import type { Unsent } from './unsent'

/** What the core needs of identities: tokens, guests, and names for peers. */
export interface Identities {
  /** The identity a token stands for, or undefined for one that is forged, expired or of nobody. */
  verify: (token: string) => Promise<Identity | undefined>
  /** Whether the sign-in of that id was ended here lately. */
  isRevoked: (sid: string) => boolean
  /** Makes a guest. @throws ProtocolError `forbidden` where guests are not allowed, `rate_limited` for too many */
  createGuest: (name: string, address: string) => Promise<{ identity: Identity, token: string }>
  /** A peer's public id: stable for a user and key, and not to be had without the key (CON-8). */
  peerId: (userId: string, peerKey: string) => string
}

export interface RealtimeLimits {
  connectionsPerUser: number
  connectionsPerAddress: number
  frames: Rate
  chat: Rate
  signals: Rate
}

/** What the core needs of bots: {@link Bots} without its care for the server's start and end. */
export type RoomBots = Pick<Bots, 'list' | 'streaming' | 'ask' | 'cancel'>

/** What came with an `auth` frame or a request: the peer's key, a token to hand out, the `id` to answer, where to replay from. */
export interface Established {
  peerKey?: string
  token?: string
  ref?: string
  fromSeq?: number
}

/** Everything a handler works with. */
export interface RealtimeContext {
  readonly log: RoomLog
  readonly rooms: RoomDirectory
  readonly systemLines: SystemLines
  readonly identities: Identities
  readonly limits: RealtimeLimits
  readonly bus: Bus
  readonly hub: Hub
  readonly registry: Registry
  /** Connections on other nodes. */
  readonly elsewhere: CountsElsewhere
  readonly admission: Admission
  /** Whose work begins when: nobody's fills a turn of the event loop. */
  readonly shares: LoopShares
  /** What waits to be sent in all: a join adds to it, and is refused where it would be too much. */
  readonly unsent: Unsent
  /** What many nodes commit, in one order. */
  readonly order: RoomOrder
  readonly presence: Presence
  readonly calls: Calls
  /** Where other nodes give places in calls too. */
  readonly callPlaces?: CallPlaces
  readonly typing: Typing
  readonly knocks: Knocks
  readonly bots: RoomBots
  /** Told what went wrong inside, with where. */
  readonly onError: (error: unknown, where: string) => void
  /** Hands a signal to a peer that is on this node. */
  readonly signalHere: (message: PeerMessage) => Reached
  /** Milliseconds of a steady clock. */
  readonly now: () => number
  /** Makes a connection established and says so, or closes it when its user has too many. */
  readonly establish: (connection: Connection, identity: Identity, given?: Established) => void
  /** Takes a connection out of a room. `graceMs`: how long its peer keeps its place. */
  readonly leave: (connection: Connection, roomName: string, graceMs: number) => void
  /** Takes away the places in rooms whose time has come, and tells the rooms. */
  readonly expirePresence: () => void
}

/** Who sent a frame. */
export interface Sender {
  readonly connection: Connection
  readonly user: User
  readonly orgId: string
  readonly peerId: string
}

/** The fields of an `ack` besides `type` and `ref`. */
export type AckResult = Omit<ServerFrameOf<'ack'>, 'type' | 'ref'>

/**
 * Handles one frame of an established connection. What it returns is sent as the `ack`; a handler that has to say
 * more after its `ack` sends the `ack` itself and returns `'acked'`.
 *
 * @throws ProtocolError which is sent as the `error` reply
 */
export type Handler<T extends ClientFrameType> = (context: RealtimeContext, sender: Sender, frame: ClientFrameOf<T>) => Promise<AckResult | 'acked' | undefined> | AckResult | 'acked' | undefined
