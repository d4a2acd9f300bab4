/** For how long the fastest message of a node is the measure of its others: clocks of machines drift apart. */
const WINDOW_MS = 60_000
/** Nodes that are measured. */
const NODES = 1_000

interface Measured { from: number, fastest: number, before: number }

/**
 * How late messages come. The clocks of two nodes have nothing to do with each other, but what lies between them changes little: a message
 * that takes much longer than the fastest one of late was held up on its way.
 */
export class Lateness {
  private readonly nodes = new Map<string, Measured>()

  /**
   * Notes a message.
   *
   * @param sentAt by the sender's steady clock
   * @param now by this node's
   * @returns by how many milliseconds it is later than others of that node
   */
  note(node: string, sentAt: number, now: number): number {
    const took = now - sentAt
    const measured = this.nodes.get(node) ?? { from: now, fastest: took, before: took }
    // Each start of a node is another one; one that is gone may be heard again.
    if (!this.nodes.has(node) && this.nodes.size >= NODES) this.nodes.delete(this.nodes.keys().next().value ?? '')
    this.nodes.set(node, measured)
    const late = took - Math.min(measured.fastest, measured.before)
    if (now - measured.from >= WINDOW_MS) Object.assign(measured, { from: now, before: measured.fastest, fastest: Number.POSITIVE_INFINITY })
    measured.fastest = Math.min(measured.fastest, took)
    return Math.max(0, late)
  }
}
