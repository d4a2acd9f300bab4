import { answered, cite, count, item, nothing } from '../asking'
import type { Asking } from '../asking'
import { inTurns } from '../others'
import { placeOf, repliesIn } from '../replies'
import { sentencesOf } from '../sentences'
import { stretchOf } from '../stretch'
import type { Answer, Line } from '../types'

/** A decision: said to be one, or a proposal that others agreed to. */
export interface Decision {
  line: Line
  text: string
  /** Who agreed, for a proposal: the first line that did, and how many people. */
  agreed?: { by?: Line, people: number }
}

const SHOWN = 12
const SAID = /\b(?:(?:we|they|team|everyone|group)(?:'ve| have|'re| are| all)? (?:just |now |finally |all )*(?:decided|agreed|settled|chose|chosen|voted)\b|(?:we(?:'ll| will|'re| are) (?:now )?|let'?s |i'?d say we )go(?:ing)? (?:with|for|ahead with)\b|(?:it'?s|that'?s|is|was|been|has been) (?:now |hereby |finally )?(?:decided|agreed|settled|approved)\b|(?:decided|agreed) (?:to|on|that|upon|against)\b|settled on\b|final (?:decision|call|answer)\b|the decision is\b|consensus is\b)|(?:^|[,.;!]\s*)(?:decision|decided|agreed|resolved|approved)\s*(?::|—|–|-\s)/i
const NOT_SAID = /\b(?:not|n't|never|un)[ -]?(?:yet )?(?:been )?(?:decided|agreed|settled|approved)\b|\b(?:haven't|hasn't|didn't|not) (?:\w+ ){0,2}(?:decided?|agreed?|settled?)\b|\b(?:should|could|can|must|need to|have to|until|once|when|if|before|unless|whether|what|who|let'?s) (?:\w+ ){0,3}(?:decided?|agreed?|settled?)\b|\bundecided\b/i
const PROPOSES = /\b(?:let'?s (?!see\b|wait\b|hope\b|say\b|face\b)|i (?:propose|suggest|vote|move) |how about (?:we )?|why don'?t we |we (?:should|could|might) |my (?:proposal|suggestion|vote) |what if we |shall we )/i
const AGREES = /^(?:\+1|agreed|agree\b|i agree|deal|sounds? (?:good|great|fine|right)|works for me|fine (?:by|with) me|ok(?:ay)?,? (?:let'?s|do|good)|let'?s do (?:it|that)|yes,? (?:let'?s|do|please|agreed)|good idea|seconded|approved|go for it|\u{1F44D}|✅)/iu
const THUMBS = new Set(['👍', '👍🏻', '👍🏼', '👍🏽', '👍🏾', '👍🏿', '✅', '💯', '➕'])
const NEAR = { lines: 6, ms: 10 * 60_000 }
/** How many people besides the one who proposes must agree by reaction. */
const ENOUGH = 2

/** What was decided in a stretch: sentences that say so, and proposals that people agreed to. */
export async function decisionsIn(stretch: readonly Line[], room: readonly Line[], signal?: AbortSignal): Promise<Decision[]> {
  const turn = inTurns(signal)
  const replies = repliesIn(room)
  const decisions: Decision[] = []
  for (const line of stretch) {
    await turn()
    if (!SAID.test(line.text) && !PROPOSES.test(line.text)) continue
    const sentences = sentencesOf(line)
    const said = sentences.find(({ text }) => SAID.test(text) && !NOT_SAID.test(text) && !/\?\s*$/.test(text))
    if (said) {
      decisions.push({ line, text: said.text })
      continue
    }
    const proposed = sentences.find(({ text }) => PROPOSES.test(text) && !NOT_SAID.test(text))
    const agreed = proposed && agreement(line, replies.get(line.id) ?? [], room, placeOf(room, line.seq))
    if (agreed) decisions.push({ line, text: proposed.text, agreed })
  }
  return decisions
}

/** The decisions of the stretch that is named, oldest first. */
export async function answerDecisions(asking: Asking): Promise<Answer> {
  const stretch = stretchOf(asking)
  const decisions = await decisionsIn(stretch.lines, asking.room.lines, asking.signal)
  if (decisions.length === 0) return nothing('decisions', `I found no decision ${stretch.label}. I look for what people call decided or agreed, and for proposals that others agree to.`)
  const shown = decisions.slice(-SHOWN)
  const older = decisions.length - shown.length
  return answered('decisions', asking, [
    `${count(decisions.length, 'decision')} ${stretch.label}:`,
    [...shown.map(decision => decisionItem(asking, decision)), ...older > 0 ? [`- … and ${older} older`] : []].join('\n'),
  ], shown.flatMap(({ line, agreed }) => agreed?.by ? [line, agreed.by] : [line]))
}

/** A decision as an item of a list. */
export function decisionItem(asking: Asking, { line, text, agreed }: Decision): string {
  if (!agreed) return item(asking, line, text)
  return item(asking, line, text, agreed.by ? `agreed to by ${cite(asking, agreed.by)}` : `agreed to by ${count(agreed.people, 'reaction')}`)
}

function agreement(line: Line, replies: readonly Line[], room: readonly Line[], at: number): Decision['agreed'] {
  const thumbs = new Set([...line.reactions].flatMap(([emoji, users]) => THUMBS.has(emoji) ? [...users] : []))
  thumbs.delete(line.userId)
  if (thumbs.size >= ENOUGH) return { people: thumbs.size }
  const next = room.slice(at + 1, at + 1 + NEAR.lines).filter(({ at, replyTo }) => replyTo === undefined && at - line.at <= NEAR.ms)
  const by = [...replies, ...next].find(({ bot, userId, text }) => !bot && userId !== line.userId && AGREES.test(text.trim()))
  return by && { by, people: 1 }
}
