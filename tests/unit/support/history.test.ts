import { beforeEach, describe, expect, it } from 'vitest'
import type { EntryFrame } from '../../../shared/protocol/frames'
import { checkDelivered, checkHistory } from '../../support/history-check'
import type { ClientHistory } from '../../support/history'
import { History } from '../../support/history'
import type { StoredRoom } from '../../support/stored-log'

const at = '2026-01-01T00:00:00.000Z'

function message(seq: number, text = `text ${seq}`, id = `m${seq}`): EntryFrame {
  return {
    type: 'message.new', room: 'r', seq, messageId: id, client_msg_id: `c${seq}`, userId: seq % 2 ? 'ann' : 'bob', userName: '', timestamp: at, metadata: {},
    content: { text, type: 'user', actor_type: 'client', format: 'plain' },
  }
}

const clear = (seq: number): EntryFrame => ({ type: 'clear', room: 'r', seq, userId: 'ann', timestamp: at, floor_seq: seq - 1 })

/** Ann sent 1 and 3, bob 2 and 4. Ann saw all of it live, bob came at 2. */
let history: History
let ann: ClientHistory
let bob: ClientHistory
let room: StoredRoom

const check = () => checkHistory(history, new Map([['r', room]]))
const shown = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => ({ seq: from + i, messageId: `m${from + i}`, text: `text ${from + i}` }))

beforeEach(() => {
  history = new History()
  ann = history.client('ann', 'ann')
  bob = history.client('bob', 'bob')
  room = {
    name: 'r', head: 4, floor: 0,
    entries: [1, 2, 3, 4].map(seq => ({ seq, type: 'message.new', messageId: `m${seq}` })),
    messages: [1, 2, 3, 4].map(seq => ({ seq, messageId: `m${seq}`, userId: seq % 2 ? 'ann' : 'bob', clientMsgId: `c${seq}`, text: `text ${seq}`, untouched: true })),
  }
  ann.snapshot('r', [], 0)
  ann.invoked('r', 'c1', 'text 1')
  ann.applied('r', [message(1)])
  ann.acked('c1', { seq: 1, messageId: 'm1' })
  bob.invoked('r', 'c2', 'text 2')
  bob.snapshot('r', [message(1), message(2)], 2)
  ann.applied('r', [message(2)])
  ann.invoked('r', 'c3', 'text 3')
  bob.applied('r', [message(3), message(4)])
  bob.invoked('r', 'c4', 'text 4')
  bob.acked('c4', { seq: 4 })
  ann.applied('r', [message(3), message(4)])
})

describe('history checker', () => {
  it('finds nothing where all holds, whether or not an unknown send arrived', () => {
    ann.invoked('r', 'c5', 'never arrived')
    ann.ended('r', { last: 4, messages: shown(1, 4) })
    bob.ended('r', { last: 4, messages: shown(2, 4) })
    expect(check()).toEqual([])
  })

  it('[A8] finds what was written and never stored, once nothing may be unknown any more', () => {
    const delivered = () => checkDelivered(history, new Map([['r', room]]))
    expect(delivered()).toEqual([])
    ann.invoked('r', 'c5', 'refused')
    ann.failed('c5')
    expect(delivered()).toEqual([])
    ann.invoked('r', 'c6', 'forgotten')
    expect(delivered()).toEqual(['ann: c6 was written in r and never stored'])
  })

  it('[LOG-6] knows what a clear takes away, and that it may be jumped over', () => {
    room.entries.push({ seq: 5, type: 'clear', messageId: null })
    room.head = 5
    room.floor = 4
    room.messages = room.messages.map(stored => ({ ...stored, text: '', untouched: false }))
    const late = history.client('late', 'late')
    late.snapshot('r', [message(1)], 1)
    late.applied('r', [clear(5)])
    late.ended('r', { last: 5, messages: [] })
    ann.floor('r', 4)
    ann.applied('r', [clear(5)])
    expect(check()).toEqual([])
    bob.applied('r', [clear(5)])
    bob.ended('r', { last: 5, messages: shown(4, 4) })
    expect(check()).toEqual(['bob in r: seq 4 is shown at the end and was cleared'])
  })

  const sends: [string, () => void, string[]][] = [
    ['an acked send that is gone', () => {
      ann.invoked('r', 'c5', 'text 5')
      ann.acked('c5', { seq: 5 })
    }, ['ann: c5 in r was acked at seq 5 and is not stored']],
    ['an ack with another seq', () => ann.acked('c1', { seq: 2 }), ['ann: c1 in r was acked at seq 2 and stands at 1']],
    ['an ack with another messageId', () => ann.acked('c1', { seq: 1, messageId: 'mx' }), ['ann: c1 in r was acked as mx and is m1']],
    ['a refused send that was stored', () => bob.failed('c2'), ['bob: c2 in r was refused and is stored at seq 2']],
    ['a send that was stored twice', () => {
      room.messages[2] = { ...room.messages[2]!, userId: 'bob', clientMsgId: 'c2', text: 'text 2' }
      ann.sends.pop()
    }, ['ann in r: seq 3 was shown as c3 and is c2', 'ann in r: seq 3 was shown with another text than is stored', 'bob: c2 in r is stored 2 times, at seq 2, 3',
      'bob in r: seq 3 was shown as c3 and is c2', 'bob in r: seq 3 was shown with another text than is stored']],
    ['a text that changed on its way', () => bob.sends.splice(0, 1, { ...bob.sends[0]!, text: 'what bob said' }), ['bob: c2 in r was sent as "what bob said" and is stored as "text 2" at seq 2']],
    ['sends that overtook each other', () => ann.sends.reverse(), ['ann: c1 was sent after c3 and stands before it in r, at seq 1 and 3']],
    ['what nobody sent', () => ann.sends.pop(), ['log of r: nobody sent what stands at seq 3']],
  ]
  it.each(sends)('[LOG-2] [LOG-4] finds %s', (_what, spoil, expected) => {
    spoil()
    expect(check()).toEqual(expected)
  })

  const logs: [string, () => void, string[]][] = [
    ['a gap', () => room.entries.splice(2, 1), [
      'log of r: no entry at seq 3 of 4', 'log of r: message m3 stands at seq 3, its entry nowhere',
      'ann in r: seq 3 was shown and is not stored', 'bob in r: seq 3 was shown and is not stored',
    ]],
    ['a double', () => room.entries.push({ seq: 4, type: 'reaction', messageId: 'm1' }), expect.arrayContaining(['log of r: 2 entries at seq 4 of 4']) as string[]],
    ['an entry beyond the head', () => room.entries.push({ seq: 6, type: 'reaction', messageId: 'm1' }), ['log of r: an entry at seq 6, but the head is 4']],
  ]
  it.each(logs)('[LOG-1] finds %s in the log', (_what, spoil, expected) => {
    spoil()
    expect(check()).toEqual(expected)
  })

  const views: [string, () => void, string[]][] = [
    ['an entry shown twice', () => bob.applied('r', [message(4)]), ['bob in r: seq 4 was applied twice']],
    ['an entry shown late', () => bob.applied('r', [message(3)]), ['bob in r: seq 3 was applied after 4']],
    ['a hole', () => {
      const late = history.client('late', 'late')
      late.snapshot('r', [message(1)], 1)
      late.applied('r', [message(4)])
    }, ['late in r: seq 4 was applied after 1: a hole of 2']],
    ['a hole in a snapshot', () => bob.snapshot('r', [message(2), message(4)], 4), ['bob in r: a snapshot of seq 2 to 4 lacks the message at 3']],
    ['an empty snapshot of a full room', () => history.client('late', 'late').snapshot('r', [], 1), ['late in r: a snapshot of seq 1 to 1 lacks the message at 1']],
    ['a snapshot out of order', () => bob.snapshot('r', [message(4), message(3)], 4), ['bob in r: a snapshot has seq 3 after 4']],
    ['a snapshot from before what was shown', () => bob.snapshot('r', [message(1), message(2)], 2), ['bob in r: a snapshot ended at seq 2 after 4 had been shown']],
    ['an entry before any snapshot', () => history.client('late', 'late').applied('r', [message(1)]), ['late in r: seq 1 was applied before any snapshot']],
    ['something shown that is not stored', () => ann.applied('r', [message(5)]), ['ann in r: seq 5 was shown and is not stored']],
    ['something else shown than is stored', () => bob.snapshot('r', [message(4, 'text 4', 'mx')], 4), ['bob in r: seq 4 was shown as message.new mx and is message.new m4']],
    ['a text shown that is not the stored one', () => bob.snapshot('r', [message(4, 'forged')], 4), ['bob in r: seq 4 was shown with another text than is stored']],
    ['a floor that is none', () => ann.floor('r', 2), ['ann in r: the floor moved to seq 2, but it is 0']],
    ['a room that does not exist', () => ann.snapshot('nowhere', [], 0), ['ann: saw room nowhere, which the database does not know']],
  ]
  it.each(views)('[RES-7] finds %s', (_what, spoil, expected) => {
    spoil()
    expect(check()).toEqual(expected)
  })

  const ends: [string, () => void, string[]][] = [
    ['one who stayed behind', () => {
      const late = history.client('late', 'late')
      late.snapshot('r', [message(1), message(2)], 2)
      late.ended('r', { last: 2, messages: shown(1, 2) })
    }, ['late in r: the end is at seq 2, but the log ends at 4', 'late in r: the message at seq 3 is missing at the end', 'late in r: the message at seq 4 is missing at the end']],
    ['a cursor that ran ahead', () => {
      const late = history.client('late', 'late')
      late.snapshot('r', [message(1), message(2)], 2)
      late.ended('r', { last: 4, messages: shown(1, 4) })
    }, ['late in r: the end is at seq 4, but the last thing applied was 2']],
    ['a message missing', () => ann.ended('r', { last: 4, messages: shown(1, 4).filter(item => item.seq !== 2) }), ['ann in r: the message at seq 2 is missing at the end']],
    ['a message twice', () => ann.ended('r', { last: 4, messages: [...shown(1, 4), ...shown(4, 4)] }), ['ann in r: 1 messages are shown twice at the end']],
    ['another text', () => ann.ended('r', { last: 4, messages: shown(1, 4).map(item => ({ ...item, text: 'text' })).slice(3) }), ['ann in r: the message at seq 4 is shown with another text than is stored']],
    ['another message', () => ann.ended('r', { last: 4, messages: [{ seq: 4, messageId: 'mx', text: 'text 4' }] }), ['ann in r: the message at seq 4 is m4, not mx as shown at the end']],
    ['a message that is none', () => ann.ended('r', { last: 4, messages: [...shown(1, 4), { seq: 9, messageId: 'm9', text: '' }] }), ['ann in r: seq 9 is shown at the end and is no stored message']],
    ['messages out of order', () => ann.ended('r', { last: 4, messages: [shown(1, 1), shown(3, 3), shown(2, 2), shown(4, 4)].flat() }), ['ann in r: the messages are out of order at the end']],
  ]
  it.each(ends)('[RES-7] finds %s at the end', (_what, spoil, expected) => {
    spoil()
    expect(check()).toEqual(expected)
  })
})
