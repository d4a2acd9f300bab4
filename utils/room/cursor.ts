import type { EntryFrame } from '#shared/protocol/frames'

/**
 * Where a client stands in a room's log (RES-7), as a pure state machine: frames in, effects out.
 * Sockets, HTTP, stores and clocks are the caller's.
 */
export interface CursorState {
  /** `fresh` and `resume` last from a join to its `replay.end`. */
  readonly phase: 'away' | 'fresh' | 'resume' | 'live'
  /** Whether the present join's replay has begun, with its `room.state`: a replay that ends before is an earlier join's. */
  readonly replaying: boolean
  /** Which log `last` counts in. */
  readonly epoch?: string
  /** The newest entry applied; undefined until a first replay ended. */
  readonly last?: number
  /** Entries of the running replay, applied together at its end: one render, and nothing half-applied on a cut. */
  readonly batch: readonly EntryFrame[]
  /** Entries beyond a gap, in `seq` order, until the log filled it. */
  readonly held: readonly EntryFrame[]
  /** The highest `seq` known to exist. */
  readonly seen: number
  /** Where the page of the log that is being fetched starts; undefined while none is. */
  readonly fetching?: number
  /** Counts joins, so that an answer to a question of an earlier join is told apart. */
  readonly generation: number
}

export type CursorEvent
  = | { type: 'joining' }
    | { type: 'state', epoch: string, head: number, floor: number }
    | { type: 'reset', epoch: string }
    | { type: 'entry', entry: EntryFrame }
    | { type: 'replay-end', from: number, head: number }
    | { type: 'page', generation: number, epoch: string, head: number, entries: readonly EntryFrame[] }
    | { type: 'away' }

export type CursorEffect
  /** Replace everything held by these entries. */
  = | { type: 'snapshot', entries: readonly EntryFrame[], head: number }
  /** Apply these, in order. */
    | { type: 'apply', entries: readonly EntryFrame[] }
  /** Entries up to here are gone for every reader. */
    | { type: 'floor', seq: number }
  /** Get `GET /api/rooms/{room}/log?from_seq=from` and answer with a `page` event of this generation. */
    | { type: 'fetch', from: number, generation: number }
  /** The log cannot be continued: join anew, without `from_seq`. */
    | { type: 'rejoin' }

export type CursorStep = readonly [CursorState, readonly CursorEffect[]]

/** How many entries beyond a gap are kept; what does not fit is fetched again. */
export const HELD_MAX = 512

/** A cursor that has seen nothing. */
export function newCursor(): CursorState {
  return { phase: 'away', replaying: false, batch: [], held: [], seen: 0, generation: 0 }
}

/** What a join must say to go on from here (RES-1). */
export function joinFrom(state: CursorState): { from_seq?: number, epoch?: string } {
  return state.last === undefined ? {} : { from_seq: state.last, epoch: state.epoch }
}

/** Moves the cursor by one event. Never throws; the state it was given is not changed. */
export function advance(state: CursorState, event: CursorEvent): CursorStep {
  switch (event.type) {
    case 'joining': return [{ ...idle(state), phase: state.last === undefined ? 'fresh' : 'resume', generation: state.generation + 1 }, []]
    case 'away': return [{ ...idle(state), phase: 'away' }, []]
    case 'reset': return [{ ...idle(state), phase: 'fresh', last: undefined, epoch: event.epoch, seen: 0 }, []]
    case 'state': return onState(state, event)
    case 'entry': return onEntry(state, event.entry)
    case 'replay-end': return onReplayEnd(state, event)
    case 'page': return onPage(state, event)
  }
}

function idle(state: CursorState): CursorState {
  return { ...state, replaying: false, batch: [], held: [], fetching: undefined }
}

function onState(state: CursorState, event: { epoch: string, head: number, floor: number }): CursorStep {
  const replaced = state.epoch !== undefined && state.epoch !== event.epoch
  const base = replaced ? { ...idle(state), last: undefined, phase: 'fresh' as const } : state
  const next: CursorState = { ...base, replaying: true, batch: base.phase === 'fresh' ? [] : base.batch, epoch: event.epoch, seen: replaced ? event.head : Math.max(state.seen, event.head) }
  if (next.last === undefined || event.floor <= next.last) return [next, []]
  return [{ ...next, last: event.floor }, [{ type: 'floor', seq: event.floor }]]
}

function onEntry(state: CursorState, entry: EntryFrame): CursorStep {
  if (state.phase === 'away' || (state.phase === 'fresh' && !state.replaying)) return [state, []]
  if (state.phase === 'fresh' || state.phase === 'resume') {
    const from = state.batch.at(-1)?.seq ?? state.last ?? 0
    if (entry.seq <= from) return [state, []]
    if (state.phase === 'fresh' || follows(from, entry)) return [{ ...state, batch: [...state.batch, entry] }, []]
    return [hold(state, entry), []]
  }
  const last = state.last ?? 0
  if (entry.seq <= last) return [state, []]
  if (entry.seq > last + 1) return fetchMissing(hold(state, entry), [])
  const run = drain(last, [entry], state.held)
  return [{ ...state, ...run.rest, seen: Math.max(state.seen, run.rest.last) }, [{ type: 'apply', entries: run.entries }]]
}

function onReplayEnd(state: CursorState, { from, head }: { from: number, head: number }): CursorStep {
  if (!state.replaying) return [state, []]
  // The answer to a join that went on from somewhere, when this one asked for the newest part.
  if (state.phase === 'fresh' && from > 0) return [{ ...state, replaying: false, batch: [] }, []]
  if (state.phase === 'fresh') {
    const next: CursorState = { ...state, phase: 'live', last: head, batch: [], seen: Math.max(state.seen, head) }
    return fetchMissing(next, [{ type: 'snapshot', entries: state.batch, head }])
  }
  if (state.phase !== 'resume') return [state, []]
  const run = drain(state.last ?? 0, state.batch, state.held)
  const next: CursorState = { ...state, ...run.rest, phase: 'live', batch: [], seen: Math.max(state.seen, head) }
  return fetchMissing(next, applied(run.entries))
}

function onPage(state: CursorState, page: { generation: number, epoch: string, head: number, entries: readonly EntryFrame[] }): CursorStep {
  if (page.generation !== state.generation || state.phase !== 'live' || state.last === undefined) return [state, []]
  if (page.epoch !== state.epoch) return [{ ...idle(state), last: undefined, epoch: undefined, seen: 0 }, [{ type: 'rejoin' }]]
  const run = drain(state.last, page.entries, state.held)
  const next: CursorState = { ...state, ...run.rest, fetching: undefined, seen: Math.max(state.seen, page.head) }
  // A log that ends before what was seen of it is not this log: asking on would never end.
  if (state.fetching === run.rest.last && run.rest.last < next.seen) {
    return [{ ...idle(next), last: undefined, epoch: undefined, seen: 0 }, [{ type: 'rejoin' }]]
  }
  return fetchMissing(next, applied(run.entries))
}

/** Takes the entries that follow `last` without a gap, first from an ordered read of the log, then from the held ones. */
function drain(last: number, log: readonly EntryFrame[], held: readonly EntryFrame[]) {
  const entries: EntryFrame[] = []
  for (const entry of log) {
    if (entry.seq <= last) continue
    if (!follows(last, entry)) break
    entries.push(entry)
    last = entry.seq
  }
  for (const entry of held) {
    if (entry.seq !== last + 1) continue
    entries.push(entry)
    last = entry.seq
  }
  return { entries, rest: { last, held: held.filter(entry => entry.seq > last) } }
}

/** Whether an entry of an ordered read comes next. A `clear` does whatever it jumps over: that is gone for every reader (LOG-6). */
function follows(last: number, entry: EntryFrame): boolean {
  return entry.seq === last + 1 || (entry.type === 'clear' && entry.floor_seq >= last)
}

function hold(state: CursorState, entry: EntryFrame): CursorState {
  const seen = Math.max(state.seen, entry.seq)
  if (state.held.some(other => other.seq === entry.seq)) return { ...state, seen }
  return { ...state, seen, held: [...state.held, entry].sort((a, b) => a.seq - b.seq).slice(0, HELD_MAX) }
}

function fetchMissing(state: CursorState, effects: readonly CursorEffect[]): CursorStep {
  const last = state.last ?? 0
  if (state.seen <= last || state.fetching !== undefined) return [state, effects]
  return [{ ...state, fetching: last }, [...effects, { type: 'fetch', from: last, generation: state.generation }]]
}

function applied(entries: readonly EntryFrame[]): readonly CursorEffect[] {
  return entries.length > 0 ? [{ type: 'apply', entries }] : []
}
