import { stem } from './words'

/** Words that people use for the same thing around rooms, calls and servers. */
const GROUPS = [
  'start run install launch setup begin',
  'camera video webcam picture media',
  'microphone mic sound audio headset',
  'delete remove erase wipe',
  'people person user participant member somebody',
  'host moderator owner',
  'guest visitor anonymous',
  'maximum max limit most upper bound',
  'size bytes large big length',
  'folder directory dir path file',
  'data database storage stored kept hold contain save',
  'setting variable option environment configuration configure',
  'disable enable off on allow forbid prevent whether',
  'operator admin administrator moderate moderator',
  'token login signin sign session cookie',
  'last expire valid hold',
  'create creation make open',
  'version release later',
  'fast quick latency speed p95',
  'deliver send receipt receive arrive',
  'endpoint route url address api http',
  'memory ram',
  'health ready status alive check',
  'log logging',
  'secret password key credential',
  'shutdown restart sigterm stop drain',
  'rebuild heal reconnect repair recover',
  'fail broken break lost',
  'slow stalled unsent backpressure',
  'often every interval',
  'polling poll longpoll',
  'sse stream event',
  'websocket socket',
  'screen share sharing',
  'proxy nginx caddy forwarded',
  'edit change modify',
  'message chat',
  'reaction emoji react',
  'name rename title',
  'search lookup',
]

/** Words of those who take part, for what the guide calls something else. */
const OF_PARTICIPANTS = [
  'picture image video quality blurry sharp pixelated stutter lag block freeze',
  'camera webcam video picture face film',
  'hear sound audio loud silent silence voice volume music song film',
  'speak talk say voice heard hear',
  'remove kick ban throw expel block rude annoy troll rubbish spam insult',
  'call meeting conference videocall talk phone',
  'join enter come participate attend admit',
  'leave quit exit end hangup finish over',
  'present presentation slide share show powerpoint keynote pdf document lecture demo',
  'screen desktop window monitor',
  'big large enlarge zoom size small tiny',
  'chat write text post type message send',
  'edit change modify correct fix typo mistake nonsense wrong misspell',
  'answer reply respond response',
  'find search look lookup',
  'old older earlier previous past former history',
  'session conversation agent',
  'rename title name',
  'allow may can permit right',
  'connection internet network wifi signal online offline',
  'offline tunnel underground train plane flight wifi',
  'lost gone disappear vanish lose',
  'bot assistant ai robot chatbot concierge facilitator guide openai',
  'stop interrupt quiet shut silence mute end',
  'summary recap sum catch miss missed minute protocol',
  'private secret confidential privacy safe secure',
  'read see visible know watch spy notice',
  'record recording film tape listen save',
  'poll vote survey choose opinion',
  'timer remind reminder alarm countdown clock',
  'phone mobile smartphone iphone android ipad tablet',
  'maximum limit most many number five six seven eight nine ten twelve twenty fit large group',
  'black dark grey blank empty',
  'start begin create open make new',
  'invite link share send add bring',
  'host moderator owner charge leader responsible control',
  'account register registration signup password login',
  'install download app program software',
  'accidental accident mistake wrong undo',
  'raise hand turn next queue raisehand',
  'people everybody everyone person participant others all',
  'gallery grid layout arrange tile view',
  'track tracker analytic google advertise advertiser advert sell sold data third',
  'public shared library internet',
  'trace history data cookie',
  'emoji smiley heart thumb like react reaction',
  'fullscreen whole maximise maximize full',
]

/** What people write in two words. Only in small letters, for TURN is the name of a protocol. */
const PHRASES: readonly (readonly [RegExp, string])[] = [
  [/\bpower ?point\b/gi, 'powerpoint'],
  [/\b(?:sign|log)(?:ged|ging|ing|s)?[ -]?(?:out|off)\b/g, 'signout'],
  [/\b(?:kick|throw)(?:ed|ing|s|n)?(?: \w+)? out\b|\bget(?:ting)? rid of\b/g, 'remove'],
  [/\bhang(?:ing|s)? up\b/g, 'hangup'],
  [/\bfull[ -]screen\b/g, 'fullscreen'],
  [/\btak(?:e|es|ing) (?:\w+ ){0,3}part\b/g, 'join'],
  [/\b(?:com(?:e|ing)|get(?:ting)?|got) in(?:to|side)?\b/g, 'enter'],
  [/\blet(?:ting|s)? (?:\w+ ){0,2}in\b/g, 'admit'],
  [/\braise (?:\w+ )?hand\b/g, 'raisehand'],
  [/\bchat ?gpt\b/g, 'openai'],
  [/\b(?:turn|switch)(?:ed|ing|s)? off\b/g, 'disable'],
  [/\b(?:turn|switch)(?:ed|ing|s)? on\b/g, 'enable'],
  [/\bset(?:ting)? up\b/g, 'setup'],
  [/\b(?:sign|log)(?:ed|ging|ing|s)?[ -]?(?:in|on)\b/g, 'signin'],
  [/\blong[ -]poll(?:ing|s)?\b/g, 'longpoll'],
  [/\bshut(?:ting|s)? down\b/g, 'shutdown'],
]

/** Whoever it is, it is a person: words that say who, and nothing of what is asked. */
const SOMEBODY = /\b(?:(?:my|our|the|a|an|his|her|their|some|other) )?(?:mother|mum|mom|father|dad|parents?|grand(?:ma|pa|mother|father)|kids?|child(?:ren)?|son|daughter|sister|brother|wife|husband|family|friends?|neighbou?rs?|colleagues?|co-?workers?|team(?:mates?)?|boss|chief|managers?|teachers?|pupils?|students?|class(?:mates?)?|customers?|clients?|patients?|strangers?|guys?|men|man|women|woman|he|she|him|her|nobody|anybody|anyone)\b/gi

/** How something is done or when says nothing of what it is. */
const FILLERS = /\b(?:quickly|easily|anyway|instead|otherwise|exactly|currently|suddenly|immediately|properly|correctly|actually|simply|only|somewhere|anywhere|everywhere|possible|possibly|able|nicely|besides|meanwhile|today|tonight|tomorrow|yesterday)\b/gi

/** A question with its two-word verbs as one word, and whoever is spoken of as a person. */
export function asOneWord(question: string): string {
  return PHRASES.reduce((text, [pattern, word]) => text.replace(pattern, word), question.replace(SOMEBODY, 'somebody').replace(FILLERS, ' '))
}

/** The stems related to a stem, without itself. */
export const RELATED: ReadonlyMap<string, readonly string[]> = relate(GROUPS)

/** The same, with the words of those who take part: for their guide. */
export const RELATED_IN_GUIDE: ReadonlyMap<string, readonly string[]> = relate([...GROUPS, ...OF_PARTICIPANTS])

function relate(groups: readonly string[]): Map<string, string[]> {
  const related = new Map<string, Set<string>>()
  for (const group of groups) {
    const members = group.split(' ').map(stem)
    for (const member of members) {
      const others = related.get(member) ?? new Set<string>()
      for (const other of members) if (other !== member) others.add(other)
      related.set(member, others)
    }
  }
  return new Map([...related].map(([word, others]) => [word, [...others]]))
}
