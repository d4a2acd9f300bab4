/** How many connections users and addresses have on other nodes: limits are of all nodes together (CON-6). */
export class CountsElsewhere {
  private readonly nodes = new Map<string, Map<string, number>>()
  private readonly sums = new Map<string, number>()

  /** What another node counts under a key; undefined for nothing any more. */
  hear(node: string, key: string, count: number = 0): void {
    const counts = this.nodes.get(node) ?? new Map<string, number>()
    const sum = (this.sums.get(key) ?? 0) + count - (counts.get(key) ?? 0)
    if (count > 0) this.nodes.set(node, counts.set(key, count))
    else if (counts.delete(key) && counts.size === 0) this.nodes.delete(node)
    if (sum > 0) this.sums.set(key, sum)
    else this.sums.delete(key)
  }

  ofUser(userId: string): number {
    return this.sums.get(`u${userId}`) ?? 0
  }

  fromAddress(address: string): number {
    return this.sums.get(`a${address}`) ?? 0
  }
}
