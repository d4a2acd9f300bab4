import { streamText } from 'ai'
import { expect, it } from 'vitest'
import { createBuiltInEngine } from '../../../../../server/ai/built-in'
import { SHIPPED } from '../../../../../server/ai/persona'
import type { Persona } from '../../../../../server/ai/persona'
import type { Room } from '../../../../../server/rooms/types'
import type { User } from '../../../../../shared/protocol/frames'
import { messagesOf, readerOf } from '../../../../support/engine-room'

const room: Room = { id: 'i', orgId: 'main', name: 'plan', kind: 'room', title: 'Plan', locked: false, listed: false }
const asker: User = { id: 'eve', name: 'Eve', role: 'guest' }
const persona = (id: string) => SHIPPED.find(one => one.id === id) as Persona

/** An engine over a room of two messages, and how often its log was read. */
function engine() {
  const reader = readerOf(messagesOf([{ by: 'Ada', at: 0, text: 'The budget is 40.' }, { by: 'Bob', at: 1, text: 'Thanks.' }]))
  const reads: string[] = []
  const log = { onCommitted: () => () => undefined, before: async (roomId: string, beforeSeq: number, limit: number) => {
    reads.push(roomId)
    return reader.before(beforeSeq, limit)
  } }
  return { reads, ...createBuiltInEngine(log, [{ path: 'README.md', markdown: '# Lastra\n\nRooms where people talk.' }]) }
}

it('[built-in engine] a room it was readied for is not read again for the first question', async () => {
  const { reads, warm, model } = engine()
  await warm(room, persona('host'))
  expect(reads).toEqual(['i'])
  const { text } = streamText({ model: model({ room, asker, prompt: 'search for budget', recent: [] }, persona('host')), prompt: 'search for budget' })
  expect(await text).toContain('The budget is 40')
  expect(reads).toEqual(['i'])
})

it('[built-in engine] reads no room for a persona that answers from the docs, and no private conversation', async () => {
  const { reads, warm } = engine()
  await warm(room, persona('guide'))
  await warm({ ...room, kind: 'agent' }, persona('host'))
  expect(reads).toEqual([])
})
