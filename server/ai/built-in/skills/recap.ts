import { answered, count, item, nothing } from '../asking'
import type { Asking } from '../asking'
import { inTurns, others } from '../others'
import { escaped } from '../../escaped'
import { ranked } from '../ranking'
import { sentencesOf } from '../sentences'
import type { Sentence } from '../sentences'
import { stretchOf } from '../stretch'
import type { Stretch } from '../stretch'
import type { Answer, Line } from '../types'
import { actionItem, actionsIn } from './actions'
import { decisionItem, decisionsIn } from './decisions'
import { questionsIn } from './questions'

/** So few messages are shown as they are. */
const FEW = 4
const UNNAMED = 100
const READ = 800
const EACH = 3
const ABOUT = { lines: 80, confidence: 0.5 }

/** What a stretch of the room was about, in the words of those who spoke: its most central sentences, in their order. */
export async function answerRecap(asking: Asking, topic?: string): Promise<Answer> {
  const stretch = topic === undefined ? stretchOf(asking, UNNAMED) : await stretchAbout(asking, topic)
  if (stretch.lines.length === 0) return nothing('recap', `Nobody wrote anything ${stretch.label}.`)
  const lines = stretch.lines.slice(-READ)
  const people = new Set(lines.map(({ userId }) => userId)).size
  const shortened = lines.length < stretch.lines.length ? `, of which I read the newest ${lines.length.toLocaleString('en')}` : ''
  const head = `${count(stretch.lines.length, 'message')} by ${count(people, 'person', 'people')} ${stretch.label}${shortened}.`
  if (lines.length <= FEW) return answered('recap', asking, [head, lines.map(line => item(asking, line, line.text)).join('\n')], lines)

  const decisions = (await decisionsIn(lines, asking.room.lines, asking.signal)).slice(-EACH)
  const actions = (await actionsIn(lines, asking.room.lines, asking.clock, asking.signal)).filter(({ state }) => state === 'open' || state === 'accepted').slice(-EACH)
  const questions = (await questionsIn(lines, asking.room.lines, asking.signal)).filter(({ state }) => state === 'open').slice(-EACH)
  const apart = new Set([...decisions, ...actions, ...questions].map(({ line }) => line.seq))
  await others()
  const central = await centralOf(lines.filter(({ seq }) => !apart.has(seq)), asking.room.lines, Math.min(6, Math.max(3, Math.round(Math.sqrt(lines.length) / 2) + 1)), asking.signal)
  return answered('recap', asking, [
    head,
    central.map(({ line, text }) => item(asking, line, text)).join('\n'),
    listed('Decided', decisions.map(decision => decisionItem(asking, decision))),
    listed('To do', actions.map(action => actionItem(asking, action))),
    listed('Still open', questions.map(({ line, text }) => item(asking, line, text))),
    'The sentences were picked by counting and are quoted as they were said.',
  ], [...central, ...decisions, ...actions, ...questions].map(({ line }) => line))
}

/** The sentences that say most of what was said, in their order. */
export async function centralOf(lines: readonly Line[], room: readonly Line[], number: number, signal?: AbortSignal): Promise<Sentence[]> {
  const turn = inTurns(signal)
  const replies = new Map<string, number>()
  for (const { replyTo } of room) if (replyTo !== undefined) replies.set(replyTo, (replies.get(replyTo) ?? 0) + 1)
  const sentences: Sentence[] = []
  for (const line of lines) {
    await turn()
    sentences.push(...sentencesOf(line))
  }
  // What people answered and reacted to mattered to them.
  const regard = ({ line }: Sentence) => {
    const people = new Set([...line.reactions.values()].flatMap(users => [...users])).size
    return 1 + 0.15 * Math.log2(1 + people) + 0.1 * Math.log2(1 + (replies.get(line.id) ?? 0))
  }
  return ranked(sentences, number, regard, signal)
}

async function stretchAbout(asking: Asking, topic: string): Promise<Stretch> {
  const spoken = new Set(asking.spoken)
  const hits = await asking.index.search(topic, { limit: ABOUT.lines, keep: line => spoken.has(line), ...(asking.signal && { signal: asking.signal }) })
  const lines = hits.filter(({ confidence }) => confidence >= ABOUT.confidence).map(({ line }) => line).sort((a, b) => a.seq - b.seq)
  return { lines, label: `about “${escaped(topic, 80)}”` }
}

function listed(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `**${title}**\n\n${items.join('\n')}`
}
