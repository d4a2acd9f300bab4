import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { EntryFrame, ServerFrameOf } from '#shared/protocol/frames'
import type { StoredSystemLine } from '#shared/protocol/system-lines'
import { withHappening } from '../utils/room/room-lines'
import { withAnswersSettled, withDelta, withEnd, withHand, withStart, withThinking } from '../utils/room/room-answers'
import type { ChatError } from '../utils/connection/chat-error'
import type { RoomMessage, RoomView } from '../utils/room/room-view'
import { emptyRoom, trimmed, withEntries, withFloor, withOlder, withPresence, withSnapshot, withState } from '../utils/room/room-view'

/** Every room this tab is in. Views are values: an action replaces a room's view, nothing changes one. */
export const useRoomsStore = defineStore('rooms', () => {
  const rooms = shallowRef<Readonly<Record<string, RoomView>>>({})

  function view(room: string): RoomView | undefined {
    return rooms.value[room]
  }

  function change(room: string, next: (view: RoomView) => RoomView) {
    const before = rooms.value[room] ?? emptyRoom(room)
    const after = next(before)
    if (after !== before || !rooms.value[room]) rooms.value = { ...rooms.value, [room]: after }
  }

  /** A join is on its way. */
  function joining(room: string) {
    change(room, before => ({ ...before, phase: 'joining' }))
  }

  /** `room.state` came. */
  function stateArrived(frame: ServerFrameOf<'room.state'>, now: number) {
    change(frame.room, before => withState(before, frame, now))
  }

  /** A replay ended; from here on frames are live. */
  function joined(room: string) {
    change(room, before => ({ ...withAnswersSettled(before), phase: 'joined' }))
  }

  /** The server lets us in no more, or never did. */
  function shut(room: string, phase: 'refused' | 'removed', error: Pick<ChatError, 'code' | 'message' | 'reason'>) {
    change(room, before => ({ ...before, phase, reason: error.message, reasonCode: error.reason ?? error.code, members: [], typing: [], answers: [] }))
  }

  /** The room was left: nothing of it is kept. */
  function left(room: string) {
    const { [room]: _, ...others } = rooms.value
    rooms.value = others
  }

  /** A join without `from_seq` brought the newest part of the log. */
  function snapshot(room: string, entries: readonly EntryFrame[], head: number) {
    change(room, before => withSnapshot(before, entries, head))
  }

  /** The next entries of the log. */
  function applied(room: string, entries: readonly EntryFrame[]) {
    change(room, before => withEntries(before, entries))
  }

  /** Entries up to `floor` are gone. */
  function floorMoved(room: string, floor: number) {
    change(room, before => withFloor(before, floor))
  }

  /** An older page arrived; `changes` are the entries applied since it was asked for. */
  function olderLoaded(room: string, page: readonly RoomMessage[], more: boolean, changes: readonly EntryFrame[], lines: readonly StoredSystemLine[] = []) {
    change(room, before => withOlder(before, page, more, changes, lines))
  }

  /** There are more messages than are of use: only the newest so many stay. */
  function forgotten(room: string, keep: number) {
    change(room, before => trimmed(before, keep))
  }

  /** Somebody came, changed or went. */
  function presence(frame: ServerFrameOf<'presence'>) {
    change(frame.room, before => withPresence(before, frame))
  }

  /** Something happened that no entry tells. */
  function told({ room, line }: ServerFrameOf<'room.line'>) {
    change(room, before => withHappening(before, line, Date.now()))
  }

  /** Somebody types, or stopped. */
  function typing(room: string, person: { userId: string, name: string }, active: boolean) {
    change(room, (before) => {
      const others = before.typing.filter(other => other.userId !== person.userId)
      return { ...before, typing: active ? [...others, person] : others }
    })
  }

  /** A bot begins to answer. */
  function answerStarted(frame: ServerFrameOf<'ai.start'>, at: string) {
    change(frame.room, before => withStart(before, frame, at))
  }

  /** An answer goes on. */
  function answerGrew(frame: ServerFrameOf<'ai.delta'>) {
    change(frame.room, before => withDelta(before, frame))
  }

  /** An engine thinks, or speaks again. */
  function answerThinks(frame: ServerFrameOf<'ai.thinking'>) {
    change(frame.room, before => withThinking(before, frame))
  }

  /** An answer is over. */
  function answerEnded(frame: ServerFrameOf<'ai.end'>, at: string) {
    change(frame.room, before => withEnd(before, frame, at))
  }

  /** A bot waits for its turn, or no longer. */
  function handChanged(frame: ServerFrameOf<'ai.hand'>) {
    change(frame.room, before => withHand(before, frame))
  }

  return { rooms, view, joining, stateArrived, joined, shut, left, snapshot, applied, floorMoved, olderLoaded, forgotten, presence, told, typing, answerStarted, answerGrew, answerThinks, answerEnded, handChanged }
})
