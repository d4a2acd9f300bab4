import { expect, it } from 'vitest'
import { ENTRY_TYPES } from '../../../../shared/protocol/frames'
import { isNewsType, ROOM_FRAMES } from '../../../../utils/connection/frame-duties'

it('every entry of a log reaches its room, and is news over a line that was replaced', () => {
  expect(ENTRY_TYPES.filter(type => !(ROOM_FRAMES as readonly string[]).includes(type))).toEqual([])
  expect(ENTRY_TYPES.filter(type => !isNewsType(type))).toEqual([])
})

it('what belongs to a join of its own is no news', () => {
  expect(['connection.established', 'room.state', 'room.reset', 'replay.end', 'message.replay'].filter(type => isNewsType(type as 'room.state'))).toEqual([])
})
