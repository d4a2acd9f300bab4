import type { Connection } from './connection'
import { TokenBucket } from '../limits/token-bucket'
import type { Rate } from '../limits/token-bucket'

/** How long after its last connection a user's chat allowance is remembered, so that reconnecting does not renew it. */
const FORGET_CHAT_MS = 30_000

/** Every open connection, found by id, user, address and peer, and what is counted for each (CON-6, CON-8). */
export class Registry {
  private readonly connections = new Map<string, Connection>()
  private readonly users = new Map<string, Set<Connection>>()
  private readonly addresses = new Map<string, number>()
  private readonly nameless = new Map<string, Set<Connection>>()
  private readonly peers = new Map<string, Connection[]>()
  private readonly chats = new Map<string, { bucket: TokenBucket, usedAt: number }>()

  /** @param onCount told how many connections a user (`u` and the id) or an address (`a` and the address) has now */
  constructor(private readonly chatRate: Rate, private readonly onCount: (key: string, count: number) => void = () => undefined) {}

  get size(): number {
    return this.connections.size
  }

  /** The open connection with this id. */
  find(connectionId: string): Connection | undefined {
    return this.connections.get(connectionId)
  }

  all(): Iterable<Connection> {
    return this.connections.values()
  }

  /** Counts a new connection. */
  add(connection: Connection): void {
    this.connections.set(connection.id, connection)
    this.addresses.set(connection.address, this.fromAddress(connection.address) + 1)
    this.onCount(`a${connection.address}`, this.fromAddress(connection.address))
    const waiting = this.nameless.get(connection.address) ?? new Set<Connection>()
    this.nameless.set(connection.address, waiting.add(connection))
  }

  /** Files an established connection under its user and its peer. */
  establish(connection: Connection, userId: string, peerId: string): void {
    this.named(connection)
    const ofUser = this.users.get(userId) ?? new Set<Connection>()
    this.users.set(userId, ofUser.add(connection))
    this.onCount(`u${userId}`, ofUser.size)
    this.peers.set(peerId, [...this.peers.get(peerId) ?? [], connection])
  }

  /** Forgets a connection. Harmless for one it does not know. */
  remove(connection: Connection): void {
    if (!this.connections.delete(connection.id)) return
    this.named(connection)
    const left = this.fromAddress(connection.address) - 1
    if (left > 0) this.addresses.set(connection.address, left)
    else this.addresses.delete(connection.address)
    this.onCount(`a${connection.address}`, left)
    if (connection.state.phase !== 'established') return
    const { user, peerId } = connection.state
    const ofUser = this.users.get(user.id)
    ofUser?.delete(connection)
    if (ofUser?.size === 0) this.users.delete(user.id)
    this.onCount(`u${user.id}`, ofUser?.size ?? 0)
    const ofPeer = this.peers.get(peerId)?.filter(other => other !== connection) ?? []
    if (ofPeer.length > 0) this.peers.set(peerId, ofPeer)
    else this.peers.delete(peerId)
  }

  fromAddress(address: string): number {
    return this.addresses.get(address) ?? 0
  }

  /** How many of an address have not said who they are. */
  namelessFrom(address: string): number {
    return this.nameless.get(address)?.size ?? 0
  }

  /** The one of them who has taken longest about it. */
  oldestNameless(address: string): Connection | undefined {
    return this.nameless.get(address)?.values().next().value
  }

  ofUser(userId: string): ReadonlySet<Connection> {
    return this.users.get(userId) ?? new Set()
  }

  /** Where a user is connected from; the oldest connection says. */
  addressOf(userId: string): string | undefined {
    return this.users.get(userId)?.values().next().value?.address
  }

  /** The connections of a peer, oldest first. */
  ofPeer(peerId: string): readonly Connection[] {
    return this.peers.get(peerId) ?? []
  }

  private named(connection: Connection): void {
    const waiting = this.nameless.get(connection.address)
    waiting?.delete(connection)
    if (waiting?.size === 0) this.nameless.delete(connection.address)
  }

  /** Takes one message out of a user's allowance. Returns 0, or the milliseconds to wait. */
  takeChat(userId: string, now: number): number {
    const chat = this.chats.get(userId) ?? { bucket: new TokenBucket(this.chatRate, now), usedAt: now }
    chat.usedAt = now
    this.chats.set(userId, chat)
    return chat.bucket.take(now)
  }

  /** Forgets allowances that nobody used for a while. */
  prune(now: number): void {
    for (const [userId, { usedAt }] of this.chats) {
      if (now - usedAt > FORGET_CHAT_MS) this.chats.delete(userId)
    }
  }
}
