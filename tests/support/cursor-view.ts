import type { EntryFrame } from '../../shared/protocol/frames'
import type { CursorEffect, CursorState } from '../../utils/room/cursor'

/** What a client shows, held against the log at every step. */
export class CursorView {
  private last?: number
  private shown: number[] = []

  constructor(private readonly truth: () => { log: readonly EntryFrame[], floor: number }) {}

  /** Takes one effect. @throws when it makes the view anything but a run of the log */
  show(effect: CursorEffect): void {
    if (effect.type === 'snapshot') this.snapshot(effect.entries, effect.head)
    if (effect.type === 'apply') effect.entries.forEach(entry => this.apply(entry))
    if (effect.type === 'floor') this.cut(effect.seq)
  }

  /** The cursor stands where the view ends. */
  isAt(cursor: CursorState): void {
    if (cursor.last !== undefined && cursor.last !== this.last) throw new Error(`the cursor is at ${cursor.last}, the view at ${this.last}`)
  }

  /** The view ends where the log ends and has no hole. */
  isComplete(): void {
    const { log, floor } = this.truth()
    if (this.last !== log.length) throw new Error(`the view ends at ${this.last}, the log at ${log.length}`)
    this.hasAll(Math.max(this.shown[0] ?? 0, floor + 1), log.length)
  }

  private snapshot(entries: readonly EntryFrame[], head: number): void {
    this.shown = []
    for (const entry of entries) {
      if (entry.seq <= (this.shown.at(-1) ?? 0) || entry.seq > head) throw new Error(`a snapshot up to ${head} has ${entry.seq} after ${this.shown.at(-1)}`)
      this.isTrue(entry)
      this.shown.push(entry.seq)
    }
    this.last = head
    this.hasAll(this.shown[0] ?? this.truth().floor + 1, head)
  }

  private apply(entry: EntryFrame): void {
    const last = this.last
    const jumps = entry.type === 'clear' && last !== undefined && entry.floor_seq >= last
    if (last === undefined || (entry.seq !== last + 1 && !jumps)) throw new Error(`${entry.seq} was applied after ${last}`)
    this.isTrue(entry)
    this.last = entry.seq
    if (entry.type === 'clear') this.shown = this.shown.filter(seq => seq > entry.floor_seq)
    if (isMessage(entry)) this.shown.push(entry.seq)
  }

  private cut(floor: number): void {
    if (floor > this.truth().floor) throw new Error(`the floor moved to ${floor}, but it is ${this.truth().floor}`)
    this.last = floor
    this.shown = this.shown.filter(seq => seq > floor)
  }

  private isTrue(entry: EntryFrame): void {
    const stored = this.truth().log[entry.seq - 1]
    if (stored?.timestamp !== entry.timestamp) throw new Error(`${entry.seq} of ${entry.timestamp} is not in the log`)
  }

  private hasAll(from: number, to: number): void {
    const missing = this.truth().log.slice(from - 1, to).filter(entry => isMessage(entry) && !this.shown.includes(entry.seq))
    if (missing.length > 0) throw new Error(`the view of ${from} to ${to} lacks ${missing.map(entry => entry.seq).join(', ')}`)
  }
}

function isMessage(entry: EntryFrame): boolean {
  return entry.type === 'message.new' || entry.type === 'message.replay'
}
