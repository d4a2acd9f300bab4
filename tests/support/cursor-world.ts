import type { EntryFrame } from '../../shared/protocol/frames'
import type { CursorEffect, CursorEvent, CursorState, CursorStep } from '../../utils/room/cursor'
import { joinFrom, newCursor } from '../../utils/room/cursor'
import { CursorView } from './cursor-view'

/** One thing that happens between a client and a server. Numbers choose among what there is. */
export type WorldAction
  = | { do: 'say', messages: number, others: number }
    | { do: 'clear' }
    /** The server handles the next join of a line. */
    | { do: 'serve', line: number }
    /** The client takes the next frames of a line. */
    | { do: 'take', line: number, count: number }
    /** A live entry on its way is lost, or comes again. */
    | { do: 'lose' | 'repeat', line: number, at: number }
    | { do: 'cut', line: number }
    | { do: 'connect' }
    /** A live switch: a second line takes over, the first goes on feeding. */
    | { do: 'switch' }
    /** The replaced line is closed, done or not. */
    | { do: 'retire' }
    /** The client joins again on the line it has, as after a change of its role. */
    | { do: 'rejoin' }
    /** The client leaves, and enters again as one who knows nothing. */
    | { do: 'reenter' }
    /** The server reads a page of the log that was asked for; the client gets a page that was read. */
    | { do: 'read' | 'deliver', page: number }
    /** The log is replaced by another one, as by a server that was restored; the lines to the old one are dead. */
    | { do: 'restore', messages: number }

type Frame
  = | { type: 'state', epoch: string, head: number, floor: number }
    | { type: 'reset', epoch: string }
    | { type: 'entry', entry: EntryFrame, live: boolean }
    | { type: 'replay-end', from: number, head: number }

interface Line {
  asked: ({ join: { from_seq?: number, epoch?: string } } | { leave: true })[]
  frames: Frame[]
  live: boolean
  /** The server it led to is gone. */
  isDead?: boolean
}

type Page = { from: number, generation: number, answer?: { epoch: string, head: number, entries: EntryFrame[] } }

/** Small, so that every limit is met all the time. */
const FRESH = 3
const REPLAY = 4
const PAGE = 3
/** More turns than any sound way to rest needs. */
const TURNS = 2_000

/** A log, the lines that carry it, and one client's cursor at their end, moved by {@link CursorWorld.act} one event at a time. */
export class CursorWorld {
  private epoch = 1
  private log: EntryFrame[] = []
  private floor = 0
  /** Logs that were replaced, by epoch: who has not heard of it yet still shows them. */
  private readonly former = new Map<string | undefined, { log: EntryFrame[], floor: number }>()
  private lines: Line[] = []
  private current?: Line
  private retiring?: Line
  private pages: Page[] = []
  private cursor = newCursor()
  private view: CursorView

  constructor(private readonly advance: (state: CursorState, event: CursorEvent) => CursorStep) {
    this.view = new CursorView(() => this.truth())
  }

  /** Lets one thing happen. What is not possible now does nothing. @throws when the view is no run of the log */
  act(action: WorldAction): void {
    const line = 'line' in action ? this.lines[action.line % this.lines.length] : undefined
    switch (action.do) {
      case 'say': return this.say(action.messages, action.others)
      case 'clear': return this.clear()
      case 'serve': return line && this.serve(line)
      case 'take': return line && this.take(line, action.count)
      case 'lose':
      case 'repeat': return line && this.garble(line, action.do, action.at)
      case 'cut': return line && this.cut(line)
      case 'connect': return this.connect()
      case 'switch': return this.switch()
      case 'retire': return this.retiring && this.end(this.retiring)
      case 'rejoin': return this.join()
      case 'reenter': return this.reenter()
      case 'read': return this.read(this.pages[action.page % this.pages.length])
      case 'deliver': return this.deliver(this.pages.filter(page => page.answer)[action.page])
      case 'restore': return this.restore(action.messages)
    }
  }

  /** Nothing goes wrong any more, and somebody says one more thing. @throws when the client does not end where the log ends */
  rest(): void {
    for (const line of this.lines.filter(other => other.isDead)) this.cut(line)
    this.connect()
    this.settle()
    this.say(1, 0)
    this.settle()
    this.view.isComplete()
  }

  private settle(): void {
    for (let turn = 0; turn < TURNS; turn++) {
      const busy = this.lines.find(line => line.asked.length + line.frames.length > 0)
      if (busy) {
        this.serve(busy)
        this.take(busy, busy.frames.length)
      } else if (this.pages.length > 0) {
        this.read(this.pages[0])
        this.deliver(this.pages[0])
      } else {
        return
      }
    }
    throw new Error('it never comes to rest')
  }

  private say(messages: number, others: number): void {
    for (let n = 0; n < messages + others; n++) this.append(seq => entryOf(this.epoch, seq, n < messages ? 'message.new' : 'bot-toggle'))
  }

  private clear(): void {
    this.append(seq => entryOf(this.epoch, seq, 'clear'))
    this.floor = this.log.length - 1
  }

  private append(make: (seq: number) => EntryFrame): void {
    const entry = make(this.log.length + 1)
    this.log.push(entry)
    for (const line of this.lines) {
      if (line.live) line.frames.push({ type: 'entry', entry, live: true })
    }
  }

  private after(from: number, limit: number): EntryFrame[] {
    return this.log.slice(Math.max(from, this.floor)).slice(0, limit)
  }

  private serve(line: Line): void {
    const asked = line.asked.shift()
    if (!asked || line.isDead) return
    if ('leave' in asked) {
      line.live = false
      return
    }
    const { join } = asked
    const epoch = String(this.epoch)
    const head = this.log.length
    const reset = join.from_seq !== undefined && (join.from_seq > head || join.epoch !== epoch)
    if (reset) line.frames.push({ type: 'reset', epoch })
    const fresh = join.from_seq === undefined || reset
    const entries = fresh ? this.after(0, Infinity).filter(entry => entry.type === 'message.new').slice(-FRESH) : this.after(join.from_seq ?? 0, join.from_seq ? REPLAY : Infinity)
    line.frames.push(
      { type: 'state', epoch, head, floor: this.floor },
      ...entries.map(entry => ({ type: 'entry' as const, entry: asReplay(entry), live: false })),
      { type: 'replay-end', from: fresh ? 0 : join.from_seq ?? 0, head },
    )
    line.live = true
  }

  private take(line: Line, count: number): void {
    for (const frame of line.frames.splice(0, count)) {
      if (!this.lines.includes(line)) return
      if (line === this.current) this.move(frame)
      // Over a replaced line only news is of use, and only to one who knows where they stand.
      else if (frame.type === 'entry' && frame.live && this.cursor.phase !== 'fresh') this.move(frame)
    }
  }

  private garble(line: Line, how: 'lose' | 'repeat', at: number): void {
    const places = line.frames.flatMap((frame, place) => frame.type === 'entry' && frame.live ? [place] : [])
    const place = places[at % places.length]
    const frame = place === undefined ? undefined : line.frames[place]
    if (place !== undefined && frame) line.frames.splice(place, 1, ...how === 'lose' ? [] : [frame, frame])
  }

  private cut(line: Line): void {
    const back = line === this.current ? this.retiring : undefined
    this.end(line)
    if (this.current) return
    this.move({ type: 'away' })
    if (!back) return
    this.retiring = undefined
    this.current = back
    this.join()
  }

  private end(line: Line): void {
    this.lines = this.lines.filter(other => other !== line)
    if (line === this.current) this.current = undefined
    if (line === this.retiring) this.retiring = undefined
  }

  private connect(): void {
    if (this.current) return
    this.current = this.open()
    this.join()
  }

  private switch(): void {
    if (!this.current || this.retiring) return
    this.retiring = this.current
    this.current = this.open()
    this.join()
  }

  private open(): Line {
    const line: Line = { asked: [], frames: [], live: false }
    this.lines.push(line)
    return line
  }

  private join(): void {
    if (!this.current) return
    this.move({ type: 'joining' })
    this.current.asked.push({ join: joinFrom(this.cursor) })
  }

  private reenter(): void {
    if (!this.current) return
    this.cursor = newCursor()
    this.view = new CursorView(() => this.truth())
    this.pages = []
    this.current.asked.push({ leave: true })
    this.join()
  }

  private truth(): { log: readonly EntryFrame[], floor: number } {
    return this.former.get(this.cursor.epoch) ?? { log: this.log, floor: this.floor }
  }

  private read(page: Page | undefined): void {
    if (page) page.answer ??= { epoch: String(this.epoch), head: this.log.length, entries: this.after(page.from, PAGE) }
  }

  private deliver(page: Page | undefined): void {
    if (!page?.answer) return
    this.pages = this.pages.filter(other => other !== page)
    this.move({ type: 'page', generation: page.generation, ...page.answer })
  }

  private restore(messages: number): void {
    this.former.set(String(this.epoch), { log: this.log, floor: this.floor })
    this.epoch++
    this.log = []
    this.floor = 0
    // Nobody tells the client: its lines are half-open until they are cut.
    for (const line of this.lines) Object.assign(line, { isDead: true, live: false, frames: [], asked: [] } satisfies Line)
    this.say(messages, 0)
  }

  private move(event: CursorEvent): void {
    const [next, effects] = this.advance(this.cursor, event)
    this.cursor = next
    for (const effect of effects) this.obey(effect)
    this.view.isAt(next)
  }

  private obey(effect: CursorEffect): void {
    if (effect.type === 'fetch') this.pages.push({ from: effect.from, generation: effect.generation })
    else if (effect.type === 'rejoin') this.join()
    else this.view.show(effect)
  }
}

function entryOf(epoch: number, seq: number, type: 'message.new' | 'bot-toggle' | 'clear'): EntryFrame {
  const base = { room: 'r', seq, userId: 'u', timestamp: `epoch ${epoch}` }
  if (type === 'clear') return { ...base, type, floor_seq: seq - 1 }
  if (type === 'bot-toggle') return { ...base, type, bot: 'b', enabled: true }
  return {
    ...base, type, messageId: `${epoch}:${seq}`, userName: 'U', metadata: {},
    content: { text: '', type: 'user', actor_type: 'client', format: 'plain' },
  }
}

function asReplay(entry: EntryFrame): EntryFrame {
  return entry.type === 'message.new' ? { ...entry, type: 'message.replay' } : { ...entry, replay: true } as EntryFrame
}
