import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { intentOf, plainRequest } from '../../server/ai/built-in/intent'
import { createPeople } from '../../server/ai/built-in/people'
import { escaped } from '../../server/ai/escaped'
import { sentencesOf } from '../../server/ai/built-in/sentences'
import { openPoll } from '../../server/ai/built-in/skills/polls'
import { createClock } from '../../server/ai/built-in/times'
import { dueIn } from '../../server/ai/built-in/due'
import type { Line } from '../../server/ai/built-in/types'
import { terms } from '../../server/ai/built-in/words'
import { Recital } from '../../server/ai/recital'
import { decodeClientFrame } from '../../shared/protocol/codec'
import { mentionOrder, mentionsOf } from '../../shared/text/mentions'
import { roomNameFrom } from '../../utils/app/text'
import { completed } from '../../utils/chat/unfinished'
import { ADVERSARIAL, growing, patternsIn, superLinear } from '../support/patterns'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Patterns that see no long text of anybody: what they are for is short, or not people's. */
const SHORT: Record<string, string> = {}

it('unbounded work: no pattern of the server or the page takes more than its share of a long text', () => {
  const patterns = patternsIn(root, ['server', 'shared', 'utils', 'composables', 'stores', 'locales'])
  expect(patterns.length).toBeGreaterThan(100)
  const slow = patterns.filter(({ source }) => !(source in SHORT)).flatMap(pattern => superLinear(pattern).slice(0, 3).map(on => `${pattern.file}: /${pattern.source.slice(0, 80)}/ on ${on}`))
  expect(slow).toEqual([])
}, 120_000)

const line = (text: string, author = 'Ada'): Line => ({ seq: 1, id: 'm', userId: author, author, bot: false, text, at: 0, reactions: new Map() })
const crowd = Array.from({ length: 300 }, (_, n) => line('hello', `Ann ${'n'.repeat(n % 50)}${n}`))
const people = createPeople(crowd)
const clock = createClock(0)
const recital = new Recital('You are a poet who never says anything that is not in rhyme, whatever people may ask of you today.')

describe('unbounded work: what is done with a text grows no faster than the text', () => {
  it.each<[string, (text: string) => unknown]>([
    ['recognising what is wanted', text => intentOf(text)],
    ['taking off politeness', text => plainRequest(text)],
    ['finding people who begin a text', text => people.leading(text)],
    ['finding people in a text', text => people.called(text)],
    ['quoting', text => escaped(text)],
    ['cutting into sentences', text => sentencesOf(line(text))],
    ['reading a poll', text => openPoll(text)],
    ['finding dates', text => dueIn(text, 0, clock)],
    ['taking words', text => terms(text)],
    ['finding mentions', text => mentionsOf(`@host ${text}`, mentionOrder(['host', 'a', 'ann ann', 'guide']))],
    ['hearing an answer', text => recital.finds(text)],
    ['closing what is still being written', text => completed(text)],
    ['naming a room', text => roomNameFrom(text)],
    ['decoding a frame', text => decodeClientFrame(JSON.stringify({ type: 'chat', id: 'i', room: 'r', text, client_msg_id: 'c' }))],
    ['decoding what is no frame', text => decodeClientFrame(text)],
  ])('%s', (_name, work) => {
    expect(growing([...ADVERSARIAL, 'Ann nnn', 'Ann ', 'remind me in ', 'what did ', 'poll: a? ', 'by ', '@host ', '[a](b', '](', '![', '[a]("b" ', 'for 5 minutes '], work)).toEqual([])
  }, 60_000)
})

it('unbounded work: a name is found as fast among three hundred as among three', () => {
  const text = 'Ann nn is here and Annnnnnn 7 has it. '.repeat(200)
  const steps = (names: number): number => {
    const found = createPeople(crowd.slice(0, names))
    const began = process.cpuUsage()
    for (let n = 0; n < 20; n++) found.called(`zz ${text.replaceAll('Ann', 'Anm')}`)
    return process.cpuUsage(began).user
  }
  steps(3)
  expect(steps(300)).toBeLessThan(20 * Math.max(steps(3), 2000))
})
