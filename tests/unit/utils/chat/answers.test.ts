import { describe, expect, it } from 'vitest'
import type { EntryFrame, ServerFrameOf, StreamSnapshot } from '#shared/protocol/frames'
import { answerFrom, grown, notesOf } from '../../../../utils/chat/answers'
import { withAnswersSettled, withDelta, withEnd, withStart } from '../../../../utils/room/room-answers'
import type { RoomView } from '../../../../utils/room/room-view'
import { emptyRoom, withEntries, withSnapshot, withState } from '../../../../utils/room/room-view'

const at = '2026-01-01T00:00:00.000Z'
const room = 'r'
const ended = { type: 'ai.end', room, stream_id: 's', finish: 'stop', messageId: 'm9' } as const

function state(streams: StreamSnapshot[] = [], enabled = false): ServerFrameOf<'room.state'> {
  return {
    type: 'room.state', room, name: room, kind: 'room', title: room, locked: false, listed: false, epoch: 'e', head: 0, floor: 0, members: [],
    bots: [{ id: 'host', name: 'The Host', enabled, engine: 'built-in' }], lines: [], streams, you: { role: 'member', can: [], muted: false },
  }
}

function stored(seq: number, stream = 's', type: 'message.new' | 'message.replay' = 'message.new'): EntryFrame {
  return {
    type, room, seq, messageId: `m${seq}`, userId: 'bot:host', userName: 'The Host', timestamp: at, metadata: { stream_id: stream, engine: 'built-in' },
    content: { text: 'one two three', type: 'assistant', actor_type: 'bot', format: 'markdown' },
  }
}

const start = (view: RoomView, stream_id = 's') => withStart(view, { type: 'ai.start', room, stream_id, bot: 'host', userId: 'u' }, at)
const delta = (n: number, text: string, from?: number) => ({ type: 'ai.delta' as const, room, stream_id: 's', n, text, ...(from !== undefined && { from }) })
const joined = (streams: StreamSnapshot[] = []) => withSnapshot(withState(emptyRoom(room), state(streams), 0), [], 0)
const texts = (view: RoomView) => view.answers.map(answer => answer.text)

describe('an answer on its way', () => {
  const words = ['one ', 'two ', 'three ', 'four ']
  const snapshot = (n: number): StreamSnapshot => ({ stream_id: 's', bot: 'host', n, text: words.slice(0, n).join('') })

  it('[AI-1] is its deltas in order, each once, however often they come', () => {
    let answer = answerFrom(snapshot(0), at)
    for (const n of [1, 1, 2, 1, 3, 2, 4]) answer = grown(answer, delta(n, words[n - 1]!))
    expect(answer).toMatchObject({ n: 4, text: 'one two three four ' })
  })

  it('[AI-2] goes on after what one found when joining', () => {
    expect(grown(grown(answerFrom(snapshot(2), at), delta(2, 'two ')), delta(3, 'three '))).toMatchObject({ n: 3, text: 'one two three ' })
  })

  it('[BP-1] takes the new part of a joined delta, and nothing beyond a gap', () => {
    const two = grown(grown(answerFrom(snapshot(0), at), delta(1, 'one ')), delta(2, 'two '))
    expect(grown(two, delta(4, 'three four ', 3))).toMatchObject({ n: 4, text: 'one two three four ' })
    expect(grown(two, delta(4, 'two three four ', 2))).toMatchObject({ n: 4, text: 'one two three four ' })
    expect(grown(two, delta(4, 'four '))).toBe(two)
    expect(grown(two, delta(5, 'four five ', 4))).toBe(two)
  })

  it('[AI-1] is the same for any mix of two lines that each bring all of it', () => {
    for (let seed = 0; seed < 200; seed++) {
      const lines = [0, 0]
      let answer = answerFrom(snapshot(0), at)
      let random = seed
      while (lines.some(n => n < words.length)) {
        random = (random * 1103515245 + 12345) % 2147483648
        const line = lines[random % 2]! < words.length ? random % 2 : 1 - random % 2
        const many = Math.min(words.length - lines[line]!, 1 + (random >> 8) % 2)
        const from = lines[line]! + 1
        lines[line]! += many
        answer = grown(answer, delta(lines[line]!, words.slice(from - 1, lines[line]).join(''), from))
      }
      expect(answer.text).toBe('one two three four ')
    }
  })
})

describe('answers of a room', () => {
  it('[AI-1] gives way to the stored message, and does not come back', () => {
    let view = withDelta(start(joined()), delta(1, 'one two three'))
    expect(texts(view)).toEqual(['one two three'])
    view = withEntries(view, [stored(1)])
    expect([view.answers, view.messages.length]).toEqual([[], 1])
    view = withEnd(view, { ...ended, messageId: 'm1' }, at)
    // A line that lags brings all of it again.
    view = withEnd(withDelta(start(view), delta(1, 'one two three')), ended, at)
    expect([view.answers, view.lines]).toEqual([[], []])
  })

  it('[AI-1] stays until its message is shown when the end comes first', () => {
    let view = withEnd(withDelta(start(joined()), delta(1, 'one')), { ...ended, messageId: 'm7' }, at)
    expect(view.answers).toMatchObject([{ text: 'one', state: 'ended' }])
    expect(withAnswersSettled(view).answers).toEqual([])
    view = withEntries(view, [stored(7)])
    expect(view.answers).toEqual([])
  })

  it('[AI-2] keeps whichever knows more when a room is joined again', () => {
    const view = withDelta(withDelta(start(joined()), delta(1, 'one ')), delta(2, 'two '))
    const snapshot = { stream_id: 's', bot: 'host', n: 1, text: 'one ' }
    expect(texts(withState(view, state([snapshot]), 0))).toEqual(['one two '])
    expect(texts(withState(view, state([{ ...snapshot, n: 3, text: 'one two three ' }]), 0))).toEqual(['one two three '])
    expect(texts(withState(withEnd(view, { type: 'ai.end', room, stream_id: 's', finish: 'cancelled' }, at), state([snapshot]), 0))).toEqual([])
  })

  it('[AI-4] shows what was said until the replay brings what was kept of it', () => {
    const cut = withState(withDelta(start(joined()), delta(1, 'one two')), state([]), 0)
    expect(cut.answers).toMatchObject([{ text: 'one two', state: 'lost' }])
    expect(withEntries(cut, [stored(1, 's', 'message.replay')]).answers).toEqual([])
    expect(withAnswersSettled(cut).answers).toEqual([])
  })

  it('[AI-1] says so when a bot left no word', () => {
    const kinds = (['error', 'cancelled', 'stop'] as const).map(finish => withEnd(start(joined()), { type: 'ai.end', room, stream_id: 's', finish }, at).lines[0]?.event)
    expect(kinds).toEqual([{ kind: 'bot-failed', name: 'The Host' }, { kind: 'bot-stopped', name: 'The Host' }, { kind: 'bot-silent', name: 'The Host' }])
  })

  it('[BOT-1] [A6] follows the switches through the log, and names who pressed them', () => {
    const toggle = (seq: number, enabled: boolean): EntryFrame => ({ type: 'bot-toggle', room, seq, userId: 'u', timestamp: at, bot: 'host', enabled })
    const view = { ...joined(), members: [{ userId: 'u', name: 'Ann', role: 'host' as const, status: 'online' as const, peers: [] }] }
    const on = withEntries(view, [toggle(1, true)])
    expect(on.bots).toMatchObject([{ id: 'host', enabled: true }])
    expect(withEntries(on, [toggle(2, false)]).bots).toMatchObject([{ id: 'host', enabled: false }])
    expect(on.lines.map(line => line.event)).toEqual([{ kind: 'bot-on', name: 'Ann', bot: 'The Host' }])
  })
})

describe('what a message says of its answer', () => {
  it('takes only what it knows, and links that lead to the web or to this product', () => {
    const sources = [{ url: 'https://example.org', title: 'Web' }, { url: '/r/room#m1', title: '' }, { url: '/docs/start', title: 'Docs' }, { url: 'javascript:alert(1)', title: 'x' }, { url: '//evil.example', title: 'x' }, { url: '/api/session', title: 'x' }, { url: '/r//evil.example', title: 'x' }, { url: '/r/../api/session', title: 'x' }, { url: '/r/%2e%2e/api/session', title: 'x' }, { url: '/docs/.', title: 'x' }, 'x', null]
    expect(notesOf({ metadata: { engine: 'built-in', model: 3, finish: 'stop', sources } })).toEqual({
      engine: 'built-in', model: undefined, finish: undefined,
      sources: [{ url: 'https://example.org', title: 'Web' }, { url: '/r/room#m1', title: '/r/room#m1' }, { url: '/docs/start', title: 'Docs' }],
    })
    expect(notesOf({ metadata: { finish: 'cancelled', sources: 'none' } })).toMatchObject({ finish: 'cancelled', sources: [] })
  })
})
