import type { ServerFrame } from '#shared/protocol/frames'
import type { HeldPlace } from '../held-place'
import type { HttpAccess } from '../http-wire'
import type { WireEnd } from '../wire'
import { BROKEN } from '../wire'
import { createElection } from './election'
import { Load } from './load'
import type { CarryMessage, OpenChannel } from './messages'
import { createPost } from './messages'
import { createPollReader } from './poll-reader'
import type { Reader, ReaderOptions } from './reader'
import { requests } from './reader'
import { createStreamReader } from './stream-reader'

export interface CarriageOptions {
  /** Which kind of lines it carries: each kind has its own carrier. */
  transport: 'sse' | 'polling'
  access: HttpAccess
  /** This tab among the others. */
  tab: string
  /** Opens a channel between the tabs. Without one this tab reads for itself alone. */
  channel?: OpenChannel
  /** Where a tab without a channel may hold a request open; where it may not it makes short ones. @default always */
  place?: HeldPlace
  /** Resolves when another tab is gone; never where a browser cannot tell. */
  gone: (tab: string) => Promise<void>
  random?: () => number
  now?: () => number
}

/** What a line of this tab is told. */
export interface RiderEvents {
  frame: (frame: ServerFrame) => void
  ended: (end: WireEnd) => void
}

/** A place for one line of this tab, from before the line is there. */
export interface Seat {
  /** The line is there: it is read from its first frame on. */
  ride: (line: string) => void
  /** It needs no reading any more. */
  leave: () => void
}

/** Reads the lines of all tabs of a browser profile by one request that one of the tabs holds (TAB-4). */
export interface Carriage {
  take: (events: RiderEvents) => Seat
}

interface Rider {
  readonly events: RiderEvents
  /** The newest frame it has. */
  after: number
  /** When the carrier was last told of it. */
  toldAt: number
}

/** How long a rider may be silent towards its carrier, in milliseconds: well within the server's patience (CON-4). */
const SIGN_MS = 10_000

const GONE: WireEnd = { code: BROKEN, reason: 'no such line' }

/** Joins this tab to those that read their lines together. Only what all of them do alike is here; who reads is {@link createElection}'s. */
export function createCarriage({ transport, access, tab, channel, place, gone, random, now = Date.now }: CarriageOptions): Carriage {
  const riders = new Map<string, Rider>()
  const load = new Load(tab, now)
  const watched = new Set<string>()
  const readerOptions: ReaderOptions = { access, lines: () => load.asked(), deliver, refused: line => over(line, GONE), alive: () => election.beat(), failed }
  let reader: Reader | undefined
  let seats = 0
  let leavePlace = () => {}
  const createReader = transport === 'sse' ? createStreamReader : createPollReader

  const post = createPost(channel, `lastra:${transport}`, tab, heard)
  const election = createElection({
    post: () => post, gone, random,
    onWon() {
      for (const [line, rider] of riders) load.put(line, tab, rider.after)
      if (channel || !place) reader = createReader(readerOptions)
      else void readAlone(place)
    },
    onLost() {
      leavePlace()
      reader?.stop()
      reader = undefined
      load.clear()
    },
    isNeeded: () => load.hasOthers(),
    onCarrier: () => [...riders.keys()].forEach(tell),
  })

  function heard(message: CarryMessage) {
    switch (message.type) {
      case 'ride': return void (reader && board(message.line, message.tab, message.after))
      case 'leave': return unload(message.line)
      case 'frames': return receive(message.line, message.frames, message.next)
      case 'end': return ended(message.line, message.end)
      case 'carrier': {
        election.heard(message)
        return sign()
      }
      default: return election.heard(message)
    }
  }

  /** How many others there are cannot be known: only some may hold a request open. */
  async function readAlone(ask: HeldPlace) {
    const leave = await ask()
    if (election.carrier() !== tab || reader) return leave?.()
    leavePlace = leave ?? (() => {})
    reader = leave ? createReader(readerOptions) : createPollReader(readerOptions, false)
  }

  /** The carrier's part: takes a line, or what its tab has of it. */
  function board(line: string, of: string, after: number) {
    if (load.put(line, of, after)) reader?.changed()
    else reader?.acknowledged()
    if (of === tab || watched.has(of)) return
    watched.add(of)
    void gone(of).then(() => {
      watched.delete(of)
      post.forget(of)
      for (const left of load.of(of)) {
        requests(access).farewell('DELETE', '/api/chat/poll', { connection_id: left })
        unload(left)
      }
    })
  }

  function unload(line: string) {
    if (load.remove(line)) reader?.changed()
  }

  function deliver(line: string, frames: readonly ServerFrame[], next: number) {
    const loaded = load.find(line)
    if (!loaded || next <= loaded.after) return
    loaded.after = next
    if (loaded.tab === tab) receive(line, frames, next)
    else post.to(loaded.tab, { type: 'frames', line, frames, next })
  }

  /** A line has ended for its tab. */
  function over(line: string, end: WireEnd) {
    const of = load.find(line)?.tab
    load.remove(line)
    if (of === tab) ended(line, end)
    else if (of !== undefined) post.to(of, { type: 'end', line, end })
  }

  /** This tab's own lines come last: with them it stops reading for the others. */
  function failed(end: WireEnd) {
    const lines = load.all().map(([line, { tab: of }]) => ({ line, isOwn: of === tab }))
    for (const { line } of lines.sort((a, b) => Number(a.isOwn) - Number(b.isOwn))) over(line, end)
  }

  /** Every rider's part: takes each frame once, in order. */
  function receive(line: string, frames: readonly ServerFrame[], next: number) {
    const rider = riders.get(line)
    if (!rider) return
    frames.forEach((frame, index) => {
      const n = next - frames.length + 1 + index
      if (n <= rider.after || riders.get(line) !== rider) return
      if (n > rider.after + 1) return ended(line, { code: BROKEN, reason: 'a frame is missing' })
      rider.after = n
      rider.events.frame(frame)
    })
    if (riders.get(line) === rider) tell(line)
  }

  function ended(line: string, end: WireEnd) {
    const rider = riders.get(line)
    riders.delete(line)
    rider?.events.ended(end)
  }

  /** Tells the carrier of a line, and what this tab has of it. */
  function tell(line: string) {
    const rider = riders.get(line)
    const carrier = election.carrier()
    if (!rider || carrier === undefined) return
    rider.toldAt = now()
    if (carrier === tab) board(line, tab, rider.after)
    else post.to(carrier, { type: 'ride', tab, line, after: rider.after })
  }

  /** Shows the carrier now and then that this tab is there. */
  function sign() {
    for (const [line, { toldAt }] of riders) {
      if (now() - toldAt >= SIGN_MS) tell(line)
    }
  }

  function leave(line: string) {
    riders.delete(line)
    const carrier = election.carrier()
    if (carrier === tab) unload(line)
    else if (carrier !== undefined) post.to(carrier, { type: 'leave', line })
  }

  /** A page that is put away cannot read for others. */
  const away = () => election.quit()
  const back = () => void (seats > 0 && election.enter())
  if (typeof window !== 'undefined') {
    for (const [target, event, act] of [[window, 'pagehide', away], [window, 'pageshow', back], [document, 'freeze', away], [document, 'resume', back]] as const) {
      target.addEventListener(event, act)
    }
  }

  return {
    take(events) {
      let line: string | undefined
      let isTaken = true
      seats++
      election.enter()
      return {
        ride(id) {
          if (!isTaken) return
          line = id
          riders.set(id, { events, after: 0, toldAt: 0 })
          tell(id)
        },
        leave() {
          if (!isTaken) return
          isTaken = false
          if (line !== undefined) leave(line)
          if (--seats === 0) election.quit()
        },
      }
    },
  }
}
