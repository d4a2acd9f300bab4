import { answered, count, item, nothing } from '../asking'
import type { Asking } from '../asking'
import { dueIn } from '../due'
import type { Due } from '../due'
import { inTurns } from '../others'
import { escaped } from '../../escaped'
import { named } from '../quote'
import { placeOf, repliesIn } from '../replies'
import { sentencesOf } from '../sentences'
import { stretchOf } from '../stretch'
import type { Clock } from '../times'
import type { Answer, Line } from '../types'
import { createPeople } from '../people'
import type { People } from '../people'

/** Something to do: who does it and by when, where that was said. */
export interface ActionItem {
  line: Line
  text: string
  owner?: string
  due?: Due
  state: 'open' | 'accepted' | 'declined' | 'done'
}

const SHOWN = 15
const NEAR = 10
const VERBS = 'add|arrange|ask|book|bring|build|buy|call|change|check|clean|close|collect|contact|create|deploy|do|draft|email|file|finish|fix|follow|get|handle|investigate|invite|look|make|merge|move|open|order|organi[sz]e|own|pick|ping|plan|prepare|publish|push|put|read|release|remove|reply|report|review|rewrite|run|schedule|send|set|share|ship|speak|submit|sync|take|talk|test|translate|try|update|upload|verify|write'
/** What every line with something to do has in it; most lines have not, and need no closer look. */
const HINT = new RegExp(`(?:'|’)ll\\b|\\b(?:will|going to|gonna|let me|i can|i could|promise|you|please|pls|action|task|next steps?|needs?|has to|have to|better|must|should|shall|takes|owns|to[ -]?do|to (?:${VERBS}))\\b|\\[[ xX]\\]`, 'i')
const MARKED = /^\s*(?:\[(?<box>[ xX])\]\s*|(?:todo|to[ -]do|action(?: item)?|task|next step)s?\s*(?::|—|–|-\s)\s*)(?<text>.+)/i
const SELF = new RegExp(`\\b(?:i(?:'ll| will| shall|'m going to| am going to|'m gonna)|let me|i can|i could|i promise to)\\s+(?:also |then |now |just |quickly |try to |gladly |happily )*(?:${VERBS})\\b`, 'i')
const OFFER_AS_QUESTION = /^(?:should|shall|can|could|may|will|do you want)\b/i
const REQUEST = /\b(?:can|could|would|will) you\b|\bplease\b|\bpls\b/i
const ASKED = new RegExp(`\\b(?:can|could|would|will) you (?:please )?(?:${VERBS})\\b`, 'i')
const ASSIGNED = new RegExp(`^[,:]?\\s*(?:will|'ll|is going to|has to|needs to|must|should|shall|takes|owns|to)\\s+(?:also |then |now )*(?:${VERBS}|be|care|this|that|it|the|over)\\b`, 'i')
const NOBODY = new RegExp(`\\b(?:someone|somebody|anyone|anybody|we)(?: still| also)? (?:needs? to|has to|have to|must|ha[sd] better)\\s+(?:${VERBS})\\b|\\b(?:needs|has) to be (?:done|fixed|checked|written|sent|tested|updated|reviewed|merged)\\b`, 'i')
const ACCEPTS = /^(?:sure|yes|yep|yeah|ok|okay|will do|on it|i'?ll do|no problem|consider it done|happy to|of course|done)\b/i
const DECLINES = /^(?:no\b|nope|sorry|i can'?t|can'?t|cannot|unfortunately|i won'?t|not me)/i
const FINISHED = /\b(?:done|finished|fixed|sent|merged|shipped|deployed|published)\b/i
const TICKS = new Set(['✅', '☑️', '☑', '✔️', '✔'])

/** What people took on or were given to do in a stretch. */
export async function actionsIn(stretch: readonly Line[], room: readonly Line[], clock: Clock, signal?: AbortSignal): Promise<ActionItem[]> {
  const turn = inTurns(signal)
  const people = createPeople(room)
  let authors: Map<string, string> | undefined
  const authorOf = (id: string) => (authors ??= new Map(room.map(line => [line.id, line.author]))).get(id)
  const replies = repliesIn(room)
  const nextOf = ({ seq }: Line) => room.slice(placeOf(room, seq) + 1, placeOf(room, seq) + 1 + NEAR)
  const items: ActionItem[] = []
  for (const line of stretch) {
    await turn()
    if (!HINT.test(line.text)) continue
    for (const { text } of sentencesOf(line)) {
      const found = actionOf(text, line, people, authorOf)
      if (!found) continue
      const due = dueIn(text, line.at, clock)
      items.push({ line, ...found, ...(due && { due }), state: found.done ? 'done' as const : stateOf(line, found.owner, replies.get(line.id) ?? [], nextOf(line)) })
      break
    }
  }
  return items
}

/** What is to do in the stretch that is named, for everybody or for the one who is named. */
export async function answerActions(asking: Asking): Promise<Answer> {
  const stretch = stretchOf(asking)
  const whose = ownerAsked(asking)
  const every = (await actionsIn(stretch.lines, asking.room.lines, asking.clock, asking.signal)).filter(({ state }) => state !== 'declined')
  const actions = whose === undefined ? every : every.filter(({ owner }) => owner?.toLowerCase() === whose.toLowerCase())
  const [open, done] = [actions.filter(({ state }) => state !== 'done'), actions.filter(({ state }) => state === 'done')]
  const of = whose === undefined ? '' : ` for ${named(whose)}`
  if (actions.length === 0) return nothing('actions', `I found nothing to do${of} ${stretch.label}. I look for what people say they will do, and for what they ask each other by name.`)
  const shown = open.slice(-SHOWN)
  const older = open.length - shown.length
  return answered('actions', asking, [
    `${count(open.length, 'thing')} to do${of} ${stretch.label}${done.length > 0 ? `, and ${done.length} done` : ''}:`,
    [...shown.map(action => actionItem(asking, action)), ...older > 0 ? [`- … and ${older} older`] : []].join('\n'),
  ], shown.map(({ line }) => line))
}

/** Something to do as an item of a list, its owner first. */
export function actionItem(asking: Asking, { line, text, owner, due, state }: ActionItem): string {
  const notes = [
    due ? `due ${escaped(due.said)}${due.day ? ` (${due.day})` : ''}` : '',
    state === 'accepted' ? 'accepted' : '',
  ].filter(note => note !== '').join(', ')
  return item(asking, line, text, notes).replace('- ', () => `- ${owner === undefined ? 'No owner named' : named(owner)}: `)
}

function actionOf(text: string, line: Line, people: People, authorOf: (id: string) => string | undefined): { text: string, owner?: string, done?: boolean } | undefined {
  const marked = MARKED.exec(text)?.groups
  const leading = people.leading(marked?.text ?? text)
  if (marked) {
    const owner = leading?.name ?? people.called(text) ?? (SELF.test(text) ? line.author : undefined)
    return { text: marked.text!, ...(owner !== undefined && { owner }), ...(marked.box?.toLowerCase() === 'x' && { done: true }) }
  }
  if (leading && (ASSIGNED.test(leading.rest) || REQUEST.test(leading.rest))) return { text, owner: leading.name }
  if (SELF.test(text) && !OFFER_AS_QUESTION.test(text) && !/\?\s*$/.test(text) && !/\b(?:if|unless) (?:you|we|they|nobody|no one)\b/i.test(text)) return { text, owner: line.author }
  if (REQUEST.test(text)) {
    const owner = people.called(text) ?? (ASKED.test(text) && line.replyTo !== undefined ? authorOf(line.replyTo) : undefined)
    if (owner !== undefined && owner !== line.author) return { text, owner }
  }
  return NOBODY.test(text) && !/\?\s*$/.test(text) ? { text } : undefined
}

function stateOf(line: Line, owner: string | undefined, replies: readonly Line[], next: readonly Line[]): ActionItem['state'] {
  if ([...line.reactions.keys()].some(emoji => TICKS.has(emoji))) return 'done'
  const own = replies.filter(({ author, bot }) => !bot && author === owner)
  if (own.some(({ text }) => FINISHED.test(text) && !/\b(?:not|when|once|until)\b|n't\b/i.test(text))) return 'done'
  if (owner === line.author) return 'open'
  const said = own[0] ?? next.find(({ author, bot, replyTo }) => !bot && author === owner && replyTo === undefined)
  if (!said) return 'open'
  return DECLINES.test(said.text) ? 'declined' : ACCEPTS.test(said.text) ? 'accepted' : 'open'
}

/** Whose things to do are asked for: the asker's own, or those of somebody who is named. */
function ownerAsked({ question, asker, room }: Asking): string | undefined {
  if (/\b(?:i|me|my|mine)\b/i.test(question) && !/\b(?:show|tell|give) me\b(?!.*\b(?:i|my|mine)\b)|\bsince (?:i|my)\b/i.test(question)) return asker.name
  return createPeople(room.lines).called(question)
}
