import { describe, expect, it } from 'vitest'
import { createRoomIndexes } from '../../../../../server/ai/built-in/room-indexes'
import type { Entry } from '../../../../../shared/protocol/frames'
import { messagesOf, readerOf } from '../../../../support/engine-room'

const messages = messagesOf([{ by: 'Ada', at: 0, text: 'first' }, { by: 'Bob', at: 1, text: 'second' }])

describe('the indexes of rooms', () => {
  it('[built-in engine] holds each room once, kept up with its own entries alone', async () => {
    const read: string[] = []
    const indexes = createRoomIndexes((roomId) => {
      read.push(roomId)
      return readerOf(messages.slice(0, 1))
    })
    const index = indexes.of('a', 'plan')
    await Promise.all([index.load(), indexes.of('a', 'plan').load(), indexes.of('b', 'other').load()])
    expect(read).toEqual(['a', 'b'])
    indexes.apply('a', messages.slice(1) as Entry[])
    indexes.apply('unknown', messages as Entry[])
    expect(indexes.of('a', 'plan').view().lines.map(({ text }) => text)).toEqual(['first', 'second'])
    expect(indexes.of('b', 'other').view()).toMatchObject({ name: 'other', lines: [{ text: 'first' }] })
  })

  it('[built-in engine] lets go of the room that was asked about the longest ago', () => {
    const indexes = createRoomIndexes(() => readerOf(messages), 2)
    const [a, b] = [indexes.of('a', 'a'), indexes.of('b', 'b')]
    expect(indexes.of('a', 'a')).toBe(a)
    indexes.of('c', 'c')
    expect(indexes.of('a', 'a')).toBe(a)
    expect(indexes.of('b', 'b')).not.toBe(b)
  })
})
