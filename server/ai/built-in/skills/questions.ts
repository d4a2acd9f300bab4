import { answered, cite, count, item, nothing } from '../asking'
import type { Asking } from '../asking'
import { inTurns } from '../others'
import { placeOf, repliesIn } from '../replies'
import { sentencesOf } from '../sentences'
import { stretchOf } from '../stretch'
import type { Answer, Line } from '../types'
import { terms, words } from '../words'

/** A question somebody asked, and how it stands. `by` is the line that answers it, or may do so. */
export interface AskedQuestion {
  line: Line
  text: string
  state: 'open' | 'perhaps' | 'answered'
  by?: Line
}

const SHOWN = 10
/** How far behind a question an answer that names nobody may stand. */
const NEAR = { lines: 8, ms: 15 * 60_000, nextMs: 3 * 60_000 }
/** Later, what says most of the question's own words may answer it. */
const LATER = { lines: 60, share: 0.6 }
const ASKS = /[?？؟]["'”’)\]]*\s*$/
const ASKS_UNMARKED = /^(?:does (?:any|some)(?:one|body)|(?:any|some)(?:one|body) (?:knows?|has|seen)|can (?:any|some)(?:one|body)|has (?:any|some)(?:one|body)|any (?:idea|news|update)|who (?:can|knows|has)|how do (?:we|i)|when (?:do|will) we|where (?:do|can) (?:we|i)|what about|should we)\b/i
const PLEASANTRY = /^(?:how are (?:you|things)|how(?:'s| is) (?:it going|everyone|everybody|life)|what'?s up|are you there|anyone (?:here|there)|all (?:good|ok|okay|well)|you ok(?:ay)?|can you (?:all )?(?:hear|see) me|(?:ok|okay|right|really|huh|see|deal|got it|make sense|makes sense|no|yes|isn't it|you know|sorry|what|pardon))\b[^\p{L}]*$/iu
/** What is asked of somebody to do is something to do. */
const REQUEST = /\b(?:can|could|would|will) you (?:please )?(?!(?:tell|explain|say|confirm|remember|see|hear|think|imagine|live|use)\b)/i
const ANSWERS = /^(?:yes|yep|yeah|yup|no|nope|nah|sure|of course|correct|exactly|right|not yet|i think|i believe|it'?s|because|it is|they are|you can|you need|that(?:'s| is|'d))\b/i
const SETTLED = /^(?:thanks|thank you|thx|ty\b|got it|great|perfect|cheers|makes sense|ah,? ok|that helps|found it|never ?mind|solved|nvm)/i
const TICKS = new Set(['✅', '☑️', '☑', '✔️', '✔'])
/** So many thumbs settle what was asked. */
const THUMBS = 2

/** Every question of a stretch, and whether it was answered, judged by the lines that follow it. */
export async function questionsIn(stretch: readonly Line[], room: readonly Line[], signal?: AbortSignal): Promise<AskedQuestion[]> {
  const turn = inTurns(signal)
  const replies = repliesIn(room)
  const questions: AskedQuestion[] = []
  for (const line of stretch) {
    await turn()
    const text = questionOf(line)
    if (text !== undefined) questions.push({ line, text, ...standing(line, room, placeOf(room, line.seq), replies.get(line.id) ?? []) })
  }
  return questions
}

/** The open questions of the stretch that is named, oldest first. */
export async function answerQuestions(asking: Asking): Promise<Answer> {
  const stretch = stretchOf(asking)
  const asked = await questionsIn(stretch.lines, asking.room.lines, asking.signal)
  const [open, perhaps] = [asked.filter(({ state }) => state === 'open'), asked.filter(({ state }) => state === 'perhaps')]
  if (asked.length === 0) return nothing('questions', `I found no question ${stretch.label}.`)
  const settled = asked.length - open.length - perhaps.length
  const tally = `${count(asked.length, 'question')} ${stretch.label}: ${open.length} open, ${perhaps.length} perhaps answered, ${settled} answered.`
  if (open.length + perhaps.length === 0) return { ...nothing('questions', tally), found: true }
  const shown = [...open.slice(-SHOWN), ...perhaps.slice(-SHOWN)]
  return answered('questions', asking, [
    tally,
    listed(asking, 'Open', open),
    listed(asking, 'Perhaps answered', perhaps),
  ], shown.flatMap(({ line, by }) => by ? [line, by] : [line]))
}

/** What was found out about lines: each is looked at again for every question before it. */
const known = new WeakMap<Line, { question?: string, terms?: ReadonlySet<string> }>()

/** The question a line asks, if it asks one that wants an answer. */
export function questionOf(line: Line): string | undefined {
  const found = known.get(line) ?? { question: readQuestion(line) }
  known.set(line, found)
  return found.question
}

/** What a line is about, each term once. */
function termsOf(line: Line): ReadonlySet<string> {
  const found = known.get(line) ?? { question: readQuestion(line) }
  known.set(line, found)
  return found.terms ??= new Set(terms(line.text))
}

function readQuestion(line: Line): string | undefined {
  if (!ASKS.test(line.text) && !/[?？؟]/.test(line.text) && !ASKS_UNMARKED.test(line.text)) return undefined
  const asked = sentencesOf(line).filter(({ text }) => (ASKS.test(text) || ASKS_UNMARKED.test(text)) && !PLEASANTRY.test(text) && !REQUEST.test(text) && !/^\S*:\/\/\S*$/.test(text) && words(text).length > 0)
  const worth = asked.filter(({ text }) => terms(text).length > 0 || words(text).length > 2)
  return worth.length === 0 ? undefined : worth.map(({ text }) => text).join(' ')
}

function listed(asking: Asking, title: string, questions: readonly AskedQuestion[]): string {
  if (questions.length === 0) return ''
  const shown = questions.slice(-SHOWN)
  const older = questions.length - shown.length
  return [
    `**${title}**`,
    '',
    ...shown.map(({ line, text, by }) => item(asking, line, text, by ? `perhaps by ${cite(asking, by)}` : '')),
    ...older > 0 ? [`- … and ${older} older`] : [],
  ].join('\n')
}

function inCommon(some: ReadonlySet<string>, others: ReadonlySet<string>): number {
  const [fewer, more] = some.size < others.size ? [some, others] : [others, some]
  let count = 0
  for (const term of fewer) if (more.has(term)) count++
  return count
}

function standing(question: Line, room: readonly Line[], at: number, replies: readonly Line[]): Pick<AskedQuestion, 'state' | 'by'> {
  if ([...question.reactions.keys()].some(emoji => TICKS.has(emoji)) || (question.reactions.get('👍')?.size ?? 0) >= THUMBS) return { state: 'answered' }
  const reply = replies.find(line => line.userId !== question.userId && !ASKS.test(line.text.trim()) && !/^i have nothing on that/i.test(line.text))
  if (reply) return { state: 'answered', by: reply }
  if (replies.some(line => line.userId === question.userId && SETTLED.test(line.text))) return { state: 'answered' }

  const about = termsOf(question)
  const called = question.author.toLowerCase()
  let perhaps: Line | undefined
  for (let index = at + 1; index < room.length && index <= at + LATER.lines; index++) {
    const line = room[index]!
    const near = index <= at + NEAR.lines && line.at - question.at <= NEAR.ms
    if (line.userId === question.userId) {
      if (near && perhaps && SETTLED.test(line.text)) return { state: 'answered', by: perhaps }
      continue
    }
    // What answers somebody else, what asks itself and what a bot says unasked answers nothing.
    if (perhaps || line.bot || line.replyTo !== undefined || questionOf(line) !== undefined) continue
    const next = index === at + 1 && line.at - question.at <= NEAR.nextMs
    const shared = inCommon(termsOf(line), about)
    if (near ? shared > 0 || ANSWERS.test(line.text) || next || line.text.toLowerCase().includes(`@${called}`) : shared > 1 && shared / about.size >= LATER.share) perhaps = line
  }
  return perhaps ? { state: 'perhaps', by: perhaps } : { state: 'open' }
}
