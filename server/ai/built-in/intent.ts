import { withoutEnd } from './ends'
import type { Skill } from './types'

/** What somebody wants, as far as their words tell. `lookup` is everything that is not recognised as something else. */
export type Intent
  = | RoomIntent
    | { kind: 'about' }
    | { kind: 'greeting' }
    | { kind: 'lookup', docsFirst: boolean }

/** What one skill answers from the room. */
export type RoomIntent
  = | { kind: Exclude<Skill, 'docs' | 'search' | 'recap' | 'polls' | 'timers'> }
    | { kind: 'recap', topic?: string }
    | { kind: 'search', subject: string, from?: string }
    | { kind: 'polls', ask: 'results' | 'close' }
    | { kind: 'polls', ask: 'open', poll: string }
    | { kind: 'timers', ask: 'set', timer: string }
    | { kind: 'timers', ask: 'cancel' }

const ADDRESS = /^(?:(?:hey|hi|hello|ok|okay|so|well)[,!\s]+)?(?:@\S+[,:]?(?:\s+|$))?/i
const POLITE = /^(?:please|pls|kindly|can you(?: please)?|could you(?: please)?|would you(?: please)?|will you(?: please)?|i(?:'d| would) like (?:you to|to know|to see|a|an|the)|i (?:want|need) (?:you to|to know|to see|a|an|the)|(?:give|show|tell) (?:me|us)(?: please)?(?: (?:a|an|the))?|do you know|make (?:me )?(?:a|an|the)|list(?: all)?(?: the)?)\s+/i

const ABOUT = /^(?:who|what)(?:'s| are| is)? you\b(?! (?:doing|saying))|^who am i (?:talking|speaking) (?:to|with)|\bare you (?:an? |the |really |even |some kind of )*(?:ai|a\.i\.|bot|human|robot|real|person|machine|language model|llm|model|gpt|chat ?gpt|claude|gemini|program|intelligen)|\b(?:what|which) (?:ai |language |kind of )?(?:model|llm|engine|ai)\b(?! (?:is|are) (?:used|set|configured))|\bwhat can (?:you|i ask)\b|^help(?: me)?[\s!.?]*$|\bhow do you work\b|\byour (?:system ?)?(?:prompt|instructions|rules|api key|key)\b|\bsystem prompt\b|\b(?:introduce|describe) yourself\b/i
const GREETING = /^@\S+$|^(?:hi|hello|hey|good (?:morning|afternoon|evening|day|night)|thanks|thank you|thx|cheers|bye|welcome|ok|okay|cool|nice|great)(?: (?:there|all|everyone|you|a lot|very much|so much))?[\s!.,]*$/i
const RECAP = /\brecap\b|\bsummar(?:y|ies|i[sz]e|i[sz]ing)\b|\bsum (?:it |this |that |things )?up\b|\btl;?dr\b|\b(?:did|have|has) (?:i|we) miss(?:ed)?\b|\bi(?:'ve)? missed\b|\bcatch (?:me|us) up\b|\bcatch-?up\b|\bup to (?:speed|date) (?:on|with|here)\b|\bbring me up to\b|\bwhat(?:'s| has| have| is| was)? (?:been )?(?:happen(?:ed|ing)|going on|new)\b(?! in (?:version|lastra))|\bwhat (?:was|were|has been|have (?:we|they|people)|did (?:we|they|people|you all|everyone)) (?:been )?(?:said|discuss(?:ed|ing)?|talk(?:ed|ing)? about|going on)\b|\bhighlights\b|^minutes\b/i
const DECISIONS = /\bdecisions?\b|\b(?:was|were|been|have we|has been|did we|did they|we(?:'ve)?) (?:\w+ )?(?:decided?|agreed?|settled?|concluded?)\b|\bwhat (?:have )?(?:we|they) (?:decided|agreed)\b|\bconclusions?\b/i
const ACTIONS = /\baction (?:items?|points?)\b|\bto-?dos?\b|\btasks?\b|\bnext steps\b|\bwho (?:has|have|needs?|is|will|should|must|does|is going|'s)\s*(?:to )?(?:do(?:es|ing)? what|doing|work(?:s|ing) on what|responsible)\b|\bwho does what\b|\bwhat (?:do|does|must|should|has|have|will|is|are|am) (?:\S+ ){1,3}?(?:have |has |need |needs |supposed )?(?:got )?to do\b(?! (?:to|with|if|when|about)\b)|\bwhat (?:is|are|was|were) (?:\S+ )?assigned\b|\bassigned to\b|\bwhat did (?:i|we|\S+) (?:promise|commit to|take on)\b|\bdeadlines?\b|\bwho (?:is )?responsible\b/i
const QUESTIONS = /\b(?:open|unanswered|outstanding|pending|unresolved|unsettled) (?:\w+ )?(?:questions?|issues|points)\b|\bquestions? (?:\w+ ){0,4}(?:open|unanswered|left|pending|outstanding|unresolved)\b|\bquestions (?:were|did|have|has)\b|\b(?:still|left) (?:open|unanswered|unresolved)\b|\banything (?:open|unanswered)\b|\bnobody (?:has )?answered\b/i
const STATISTICS = /\bwho (?:is |has |was )?(?:talk|speak|writ|wrote|post|said|says|spoke|chat|sent|sends)\w*(?: (?:here|the|in this room))* (?:most|least|more|how much)\b|\bwho (?:is|was|are|were) (?:the )?(?:most|least) (?:active|quiet|talkative)\b|\bmost active\b|\bhow (?:many|much) (?:messages|words|questions|did)\b.*\b(?:were|was|did|have|has|are|is|there|written|sent|asked|today|yesterday|write|wrote|say|said|talk|post)\b|\bhow many (?:people|persons|members|users|of us) (?:wrote|talked|spoke|said|posted|took part|are (?:here|in (?:this|the) room)|were (?:here|active)|have (?:written|spoken))\b|\bhow (?:often|many times) (?:was|were|is|has|have|did|do)\b|\b(?:speaker |room |chat |message )?(?:statistics|stats)\b|\bmessage counts?\b|\btalk(?:ing)? time\b|^count\b/i

const POLL = /^(?:(?:start|open|create|hold|run|make) )?(?:a |the |new )*poll\b[\s:,–—-]*(?<poll>.*)$/i
const POLL_RESULTS = /^(?:(?:what (?:is|are|were) )?(?:the )?(?:poll(?:'s)? )?(?:results?|votes?|standings)(?: (?:of|in) (?:the |this )?(?:last |current )?poll)?|(?:the )?poll results?|count (?:the )?votes?|who (?:won|is winning)(?: the poll)?)[\s?.!]*$/i
const POLL_CLOSE = /^(?:close|end|finish|stop) (?:the |this )?(?:last |current )?(?:poll|vote|voting)[\s?.!]*$/i
const TIMER = /^(?:(?:set|start|run|make) )?(?:a |an |the |new |another )*(?:timer\b(?<timer>.*)|(?<lasts>\d[\w. -]{0,30}?\btimer\b.*))$/i
const REMIND = /^remind (?:me|us) (?<timer>(?:.* )?in \d.*)$/i
const TIMER_CANCEL = /^(?:cancel|stop|clear|delete|end) (?:the |my |this |that )?(?:last )?timer[\s?.!]*$/i
const SEARCH_FOR = /^(?:search|find|look|grep)\b(?: (?:for|up|through|in))?(?: (?:the )?(?:room|chat|log|history|messages?))?(?: (?:for|about|with|on|containing|mentioning|where|that))*\s+(?<subject>.+)$/i
const SAID_BY = /\bwhat (?:did|has|have|does|do) (?<from>.{1,64}?) (?:say|said|write|written|mention(?:ed)?|think|suggest(?:ed)?|propose[d]?|ask(?:ed)?|tell us|post(?:ed)?)\b(?: (?:about|on|regarding|of|for))?\s*(?<subject>.*)$/i
const MENTIONED = /^(?:who|when|where|did|has|have)\b.*?\b(?:said|say|says|saying|mention(?:ed|s)?|talk(?:ed|ing)? about|spoke about|wrote|written|write|discuss(?:ed)?|brought up|bring up|post(?:ed)?|shared?)\b(?: (?:something|anything))?(?: (?:about|of|on|that))?\s*(?<subject>.*)$/i
const MESSAGES = /^(?:the )?(?:messages?|anything|everything|something) (?:about|on|with|mentioning|regarding|from (?<from>\S+) (?:about|on))\s+(?<subject>.+)$/i
const ABOUT_TOPIC = /\b(?:about|on|regarding|concerning|of) (?!(?:the )?(?:last|past|newest|room|chat|day|week|conversation|discussion|meeting|today|yesterday|everything|it|this|that|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b(?! (?:about|on|of)))(?:the )?(?<topic>[^?.!]{2,80})/i
const WHERE_DOCS = /^(?:how (?:do|does|can|could|should|would|to|is|are|long|often|big|large|much|many)\b|what (?:is|are|does|do|happens)\b|where (?:is|are|do|can)\b|which\b|is (?:there|it)\b|are there\b|can (?:i|we|one|you|it)\b|does\b|do i\b|why\b)|\b(?:docs|documentation|readme|manual|lastra)\b/i

/** What is left of a request without the address before it and the politeness around it. */
export function plainRequest(text: string): string {
  const request = text.replace(/\s+/g, ' ').replaceAll('’', '\'').trim()
  const addressed = request.replace(ADDRESS, '')
  const plain = addressed === '' ? request : addressed
  return plain.replace(POLITE, '').trim() || plain
}

/** What is wanted is said within so many characters; patterns of several wildcards must not see a text without end. */
const OPENING = 600

/** Recognises what is wanted in plain words. */
export function intentOf(text: string): Intent {
  const request = plainRequest(text)
  const opening = request.slice(0, OPENING)
  if (ABOUT.test(opening)) return { kind: 'about' }
  if (request === '' || GREETING.test(request)) return { kind: 'greeting' }
  if (TIMER_CANCEL.test(request)) return { kind: 'timers', ask: 'cancel' }
  const timer = (TIMER.exec(request) ?? REMIND.exec(request))?.groups
  if (timer) return { kind: 'timers', ask: 'set', timer: (timer.timer ?? timer.lasts ?? '').trim() }
  if (POLL_CLOSE.test(request)) return { kind: 'polls', ask: 'close' }
  if (POLL_RESULTS.test(request)) return { kind: 'polls', ask: 'results' }
  const poll = POLL.exec(request)
  if (poll) return { kind: 'polls', ask: 'open', poll: poll.groups!.poll!.trim() }
  const search = SEARCH_FOR.exec(request) ?? MESSAGES.exec(request)
  if (search) return searching(search.groups!)
  if (/^how (?:do|can|could|should|would|to)\b|^where (?:do|can) i\b/i.test(request) && !/\bhow do (?:i|we) (?:catch up)\b/i.test(request)) return { kind: 'lookup', docsFirst: true }
  if (STATISTICS.test(opening)) return { kind: 'statistics' }
  if (QUESTIONS.test(opening)) return { kind: 'questions' }
  if (ACTIONS.test(opening)) return { kind: 'actions' }
  if (DECISIONS.test(opening)) return { kind: 'decisions' }
  if (RECAP.test(opening)) return recapping(opening)
  const said = SAID_BY.exec(opening) ?? MENTIONED.exec(opening)
  if (said?.groups!.subject) return searching(said.groups!)
  return { kind: 'lookup', docsFirst: WHERE_DOCS.test(opening) }
}

function searching(groups: Record<string, string | undefined>): Intent {
  const subject = withoutEnd(groups.subject!.replace(/["“”']/g, ''), '?!.').trim()
  return { kind: 'search', subject, ...(groups.from !== undefined && { from: groups.from.trim() }) }
}

function recapping(request: string): Intent {
  const topic = ABOUT_TOPIC.exec(request)?.groups?.topic?.replace(/ (?:please|since .*|today|yesterday|so far|in (?:this|the) (?:room|chat))$/i, '').trim()
  return { kind: 'recap', ...(topic && !/^\d+\b|#\d|^(?:what|all)\b/.test(topic) && { topic }) }
}
