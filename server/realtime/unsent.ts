/** Somebody bytes are on their way to: a connection, or the answer to a request. */
export interface Receiver {
  readonly userId?: string
  readonly address: string
  /** Bytes that it was given and has not taken. */
  readonly unsentBytes: number
  /** It is over: nothing waits for it any more, whatever it never took. */
  readonly ended: boolean
  /** Ends it. It comes back, and goes on from what it had. */
  giveUp: () => void
}

/** Bytes that may wait in all: for one user, one address, and everybody. */
export interface UnsentBounds {
  user: number
  address: number
  all: number
}

interface Account {
  bytes: number
  groups: readonly Group[]
}

type Group = readonly [key: string, most: number]

/**
 * What waits for all receivers together. A bound for each of them is none for all: many who read nothing would fill the memory, each
 * within its own. So what waits is added up by user, by address and in all, and where that is too much the heaviest goes (BP-3).
 */
export class Unsent {
  private readonly accounts = new Map<Receiver, Account>()
  private readonly sums = new Map<string, number>()

  constructor(private readonly bounds: UnsentBounds) {}

  /**
   * Takes note of what waits for a receiver, and gives up the heaviest of a group for which too much does.
   *
   * @param bytes what waits, where that is known without asking
   */
  note(receiver: Receiver, bytes = receiver.unsentBytes): void {
    const grown = this.look(receiver, bytes)
    if (!grown) return
    for (const [key, most] of this.accounts.get(receiver)?.groups ?? []) if (this.sum(key) > most) this.relieve(key, most)
  }

  /** A receiver has ended. */
  forget(receiver: Receiver): void {
    const account = this.accounts.get(receiver)
    if (!account) return
    this.accounts.delete(receiver)
    for (const [key] of account.groups) this.add(key, -account.bytes)
  }

  /** Whether so many bytes more for a receiver would be too much. Nobody is given up for what can be refused. */
  isFull(receiver: Pick<Receiver, 'userId' | 'address'>, more: number): boolean {
    return this.groupsOf(receiver).some(([key, most]) => this.sum(key) + more > most)
  }

  /** Receivers for whom something waits. */
  get size(): number {
    return this.accounts.size
  }

  /** Bytes that wait in all. */
  get bytes(): number {
    return this.sum(ALL)
  }

  /** Whether more waits than at the last look. */
  private look(receiver: Receiver, bytes = receiver.unsentBytes): boolean {
    const before = this.accounts.get(receiver)?.bytes ?? 0
    if (bytes === before) return false
    this.forget(receiver)
    // Who was closed in the tick of its last frame is looked at once more after it was forgotten, and would stay for ever.
    if (bytes > 0 && !receiver.ended) {
      const groups = this.groupsOf(receiver)
      this.accounts.set(receiver, { bytes, groups })
      for (const [key] of groups) this.add(key, bytes)
    }
    return bytes > before && !receiver.ended
  }

  private relieve(key: string, most: number): void {
    const members = [...this.accounts].filter(([, { groups }]) => groups.some(([other]) => other === key)).map(([receiver]) => receiver)
    // What the network took meanwhile is only seen by looking.
    for (const member of members) this.look(member)
    const heaviest = members.map(member => ({ member, bytes: this.accounts.get(member)?.bytes ?? 0 })).sort((a, b) => b.bytes - a.bytes)
    for (const { member } of heaviest) {
      if (this.sum(key) <= most) break
      this.forget(member)
      member.giveUp()
    }
  }

  private groupsOf({ userId, address }: Pick<Receiver, 'userId' | 'address'>): Group[] {
    const { user, address: ofAddress, all } = this.bounds
    return [...userId === undefined ? [] : [[`user ${userId}`, user] as const], [`address ${address}`, ofAddress], [ALL, all]]
  }

  private sum(key: string): number {
    return this.sums.get(key) ?? 0
  }

  private add(key: string, bytes: number): void {
    const sum = this.sum(key) + bytes
    if (sum > 0) this.sums.set(key, sum)
    else this.sums.delete(key)
  }
}

const ALL = 'all'
