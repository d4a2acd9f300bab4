import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AnswerStream } from '../../../../server/ai/answer-stream'
import { createMouth } from '../../../../server/ai/mouth'
import { LIMITS } from '../../../../shared/protocol/limits'
import type { ServerFrame } from '../../../../shared/protocol/frames'
import { OutgoingFrame } from '../../../../server/realtime/outgoing'
import { answerFrom, grown } from '../../../../utils/chat/answers'
import { growing } from '../../../support/patterns'

/** What comes out of words that come in some pieces. */
function heard(pieces: readonly string[], instructions = '') {
  const frames: ServerFrame[] = []
  const stream = new AnswerStream({ id: 's', room: 'r', bot: 'host', userId: 'u', onDelta: frame => frames.push(frame), onThinking: frame => frames.push(frame) })
  const mouth = createMouth(stream, { instructions })
  for (const piece of pieces) mouth.say(piece)
  mouth.end()
  stream.end()
  return { said: stream.text, thought: stream.thinking?.text ?? '', cut: stream.thinking?.cut, frames }
}

const CASES: readonly (readonly [what: string, text: string, said: string, thought: string])[] = [
  ['no thinking', 'Just words.', 'Just words.', ''],
  ['thinking before the answer', '<think>Hm.</think>\n\nYes.', 'Yes.', 'Hm.'],
  ['other names of it', '<Thinking>Hm.</Thinking>Yes. <thought>Or</thought>No.', 'Yes. No.', 'Hm.Or'],
  ['thinking between words', 'Well. <think>Hm.</think>Yes.', 'Well. Yes.', 'Hm.'],
  ['thinking that is never closed', '<think>Hm. Hm.', '', 'Hm. Hm.'],
  ['a mark after words that is never closed', 'The <think> mark is said.', 'The <think> mark is said.', ''],
  ['no opening mark', 'Hm. So.\n</think>\n\nYes.', 'Yes.', 'Hm. So.'],
  ['nested marks', '<think>a<think>b</think>c</think>Yes.', 'Yes.', 'a<think>bc'],
  ['marks in code', 'Write `<think>` and `</think>`.', 'Write `<think>` and `</think>`.', ''],
  ['marks in a fence', '```xml\n<think>a</think>\n```\nDone.', '```xml\n<think>a</think>\n```\nDone.', ''],
  ['a fence that has ended', '```\nx\n```\n<think>a</think>Done.', '```\nx\n```\nDone.', 'a'],
  ['a lone tick in an earlier paragraph', 'A ` tick.\n\n<think>a</think>Done.', 'A ` tick.\n\nDone.', 'a'],
  ['code in thinking', '<think>`a\n```\nb</think>Done.', 'Done.', '`a\n```\nb'],
  ['what only looks like a mark', 'a < b, <thin>, <thinker> </ think>', 'a < b, <thin>, <thinker> </ think>', ''],
  ['empty thinking', '<think></think>Yes.', 'Yes.', ''],
]

describe('[AI-8] thinking in the words of a model', () => {
  it.each(CASES)('%s', (_, text, said, thought) => {
    expect(heard([text])).toMatchObject({ said, thought })
  })

  it('comes out the same, however the words are cut into pieces', () => {
    fc.assert(fc.property(fc.constantFrom(...CASES), fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), ([, text, said, thought], lengths) => {
      const pieces: string[] = []
      for (let at = 0, n = 0; at < text.length; n++) {
        const length = lengths[n % lengths.length]!
        pieces.push(text.slice(at, at + length))
        at += length
      }
      expect(heard(pieces)).toMatchObject({ said, thought })
    }), { numRuns: 500 })
  })

  it('loses no word of any text: what went in is said or thought, without the marks', () => {
    const piece = fc.constantFrom('<think>', '</think>', '<thinking>', '</', '<', '`', '```', '\n', '\n\n', 'a ', 'b', '~~~', 'thi', 'nk>')
    const marks = /<\/?think(?:ing)?>/g
    fc.assert(fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
      const { said, thought } = heard(pieces)
      const letters = (text: string) => [...text.replace(marks, '').replace(/[\s<>/]/g, '')].sort().join('')
      // Apart, or the end of the one and the beginning of the other would be taken for a mark.
      expect(letters(`${said} ${thought}`)).toBe(letters(pieces.join('')))
    }), { numRuns: 500, examples: [[['nk>', '</think>', '</', 'thi']]] })
  })

  it('shows a reader the same as is stored, joined deltas and late joins included', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom('<think>', '</think>', 'a ', 'b ', '`c` ', '\n\n'), { maxLength: 16 }), fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }), (pieces, joins) => {
      const frames: OutgoingFrame[] = []
      const stream = new AnswerStream({ id: 's', room: 'r', bot: 'host', userId: 'u', onDelta(frame) {
        const next = new OutgoingFrame(frame, 'k')
        const joined = joins[frame.n % 16] && frames.length > 0
        frames.push(joined ? next.after(frames.pop()!) : next)
      } })
      const mouth = createMouth(stream, { instructions: '' })
      let late: ReturnType<typeof answerFrom> | undefined
      let from = 0
      for (const [n, piece] of pieces.entries()) {
        mouth.say(piece)
        stream.flush()
        if (n === 5) [late, from] = [answerFrom(stream.snapshot(), ''), frames.length]
      }
      mouth.end()
      stream.end()
      const read = (answer: ReturnType<typeof answerFrom>, all: readonly OutgoingFrame[]) => all.reduce((before, { frame }) => frame.type === 'ai.delta' ? grown(before, frame) : before, answer).text
      expect(read(answerFrom({ stream_id: 's', bot: 'host', n: 0, text: '' }, ''), frames)).toBe(stream.text)
      if (late && !joins.some(Boolean)) expect(read(late, frames.slice(from))).toBe(stream.text)
    }), { numRuns: 300 })
  })

  it('keeps a bounded part of it, and says so', () => {
    const { thought, said, cut } = heard(['<think>', ...Array.from({ length: 40 }, () => 'x'.repeat(1000)), '</think>Yes.'])
    expect({ said, cut }).toEqual({ said: 'Yes.', cut: true })
    expect(thought.length).toBe(8000)
    expect(thought.length).toBeLessThanOrEqual(LIMITS.thinkingBytes)
  })

  it('[AGT-9] leaves out what recites the instructions, and lets the answer go on', () => {
    const instructions = 'You keep the thread: open questions, decisions, and who took on what by when.'
    expect(heard([`<think>I am told: ${instructions} `, 'And more.</think>', 'Yes.'], instructions)).toMatchObject({ said: 'Yes.', thought: '', cut: true })
  })

  it('tells when it begins and ends', () => {
    expect(heard(['<think>Hm.', '</think>Yes.']).frames.filter(({ type }) => type === 'ai.thinking')).toMatchObject([{ active: true, ms: 0 }, { active: false }])
  })

  it('unbounded work: hearing a long text takes no more than its share', () => {
    expect(growing(['<', '<think>', '</think>', '`', '~~~', 'a\n', '<think', '`<', '\n', 'a </think> b '], text => heard([text]))).toEqual([])
    expect(growing(['<', '`', 'a', '<think>', '</think>'], text => heard([...text]))).toEqual([])
  }, 60_000)
})
