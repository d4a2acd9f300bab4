import type { AppliedEntry, ClientHistory, FinalView } from './history'
import type { StoredEntry, StoredMessage, StoredRoom } from './stored-log'

/** Checks what one client saw of a room against its log. */
export function checkView(client: ClientHistory, room: StoredRoom): string[] {
  return new ViewCheck(client, room).run()
}

class ViewCheck {
  private readonly found: string[] = []
  private readonly entries: Map<number, StoredEntry>
  private readonly messages: Map<number, StoredMessage>
  private last?: number

  constructor(private readonly client: ClientHistory, private readonly room: StoredRoom) {
    this.entries = new Map(room.entries.map(entry => [entry.seq, entry]))
    this.messages = new Map(room.messages.map(message => [message.seq, message]))
  }

  run(): string[] {
    for (const step of this.client.views.get(this.room.name) ?? []) {
      if (step.step === 'snapshot') this.snapshot(step.entries, step.head)
      else if (step.step === 'floor') this.floor(step.seq)
      else step.entries.forEach(entry => this.apply(entry))
    }
    const final = this.client.finals.get(this.room.name)
    if (final) this.final(final)
    return this.found
  }

  /** The newest messages up to the head, each of them from the first on. */
  private snapshot(entries: readonly AppliedEntry[], head: number): void {
    if (this.last !== undefined && head < this.last) this.say(`a snapshot ended at seq ${head} after ${this.last} had been shown`)
    if (head > this.room.head) this.say(`a snapshot ended at seq ${head}, but the log ends at ${this.room.head}`)
    let before = 0
    for (const entry of entries) {
      if (entry.seq <= before) this.say(`a snapshot has seq ${entry.seq} after ${before}`)
      if (entry.seq > head) this.say(`a snapshot that ends at seq ${head} has seq ${entry.seq}`)
      this.isStored(entry)
      before = entry.seq
    }
    const shown = new Set(entries.map(entry => entry.seq))
    const from = entries[0]?.seq ?? this.room.floor + 1
    for (const { seq } of this.room.messages) {
      if (seq >= from && seq <= head && !shown.has(seq)) this.say(`a snapshot of seq ${from} to ${head} lacks the message at ${seq}`)
    }
    this.last = head
  }

  private apply(entry: AppliedEntry): void {
    const last = this.last
    if (last === undefined) this.say(`seq ${entry.seq} was applied before any snapshot`)
    else if (entry.seq === last) this.say(`seq ${entry.seq} was applied twice`)
    else if (entry.seq < last) this.say(`seq ${entry.seq} was applied after ${last}`)
    // A clear may jump: what it jumps over is gone for every reader (LOG-6).
    else if (entry.seq > last + 1 && (entry.floorSeq ?? 0) < last) this.say(`seq ${entry.seq} was applied after ${last}: a hole of ${entry.seq - last - 1}`)
    this.isStored(entry)
    this.last = Math.max(last ?? 0, entry.seq)
  }

  private floor(seq: number): void {
    if (seq > this.room.floor) this.say(`the floor moved to seq ${seq}, but it is ${this.room.floor}`)
    this.last = Math.max(this.last ?? 0, seq)
  }

  /** What was shown is what the log holds there (LOG-2). */
  private isStored(entry: AppliedEntry): void {
    const stored = this.entries.get(entry.seq)
    if (!stored) return this.say(`seq ${entry.seq} was shown and is not stored`)
    if (stored.type !== entry.type || (entry.messageId ?? null) !== stored.messageId) {
      return this.say(`seq ${entry.seq} was shown as ${name(entry)} and is ${name(stored)}`)
    }
    if (entry.type !== 'message.new') return
    const message = this.messages.get(entry.seq)
    if (message && entry.clientMsgId !== undefined && message.clientMsgId !== entry.clientMsgId) this.say(`seq ${entry.seq} was shown as ${entry.clientMsgId} and is ${message.clientMsgId}`)
    if (message?.untouched && message.text !== entry.text) this.say(`seq ${entry.seq} was shown with another text than is stored`)
  }

  /** At rest a client has applied everything, and shows the newest part of the log without a hole. */
  private final({ last, messages }: FinalView): void {
    const { head, floor } = this.room
    if (this.last !== undefined && last !== this.last) this.say(`the end is at seq ${last}, but the last thing applied was ${this.last}`)
    if (last !== head) this.say(`the end is at seq ${last}, but the log ends at ${head}`)
    const shown = new Map(messages.map(message => [message.seq, message]))
    if (shown.size !== messages.length) this.say(`${messages.length - shown.size} messages are shown twice at the end`)
    const from = messages[0]?.seq ?? floor + 1
    for (const stored of this.room.messages) {
      if (stored.seq < Math.max(from, floor + 1)) continue
      const message = shown.get(stored.seq)
      shown.delete(stored.seq)
      if (!message) this.say(`the message at seq ${stored.seq} is missing at the end`)
      else if (message.messageId !== stored.messageId) this.say(`the message at seq ${stored.seq} is ${stored.messageId}, not ${message.messageId} as shown at the end`)
      else if (message.text !== stored.text) this.say(`the message at seq ${stored.seq} is shown with another text than is stored`)
    }
    for (const seq of shown.keys()) this.say(`seq ${seq} is shown at the end and ${seq <= floor ? 'was cleared' : 'is no stored message'}`)
    if (messages.some((message, i) => message.seq < (messages[i - 1]?.seq ?? 0))) this.say('the messages are out of order at the end')
  }

  private say(what: string): void {
    this.found.push(`${this.client.name} in ${this.room.name}: ${what}`)
  }
}

function name(entry: { type: string, messageId?: string | null }): string {
  return entry.messageId ? `${entry.type} ${entry.messageId}` : entry.type
}
