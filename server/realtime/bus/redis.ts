import { ProtocolError } from '#shared/protocol/errors'
import type { Entry } from '#shared/protocol/frames'
import { signalHere } from './index'
import type { Bus, PeerMessage, Reached, Receivers } from './index'
import { Lateness } from './lateness'
import { nodeName } from './local'
import { readMessage } from './messages'
import type { NodeMessage } from './messages'
import { Questions } from './questions'
import { RedisWire } from './redis-wire'
import { OwnFacts, ToldFacts } from './told'

/** How often a node says that it lives, and how far its rooms are. */
const BEAT_MS = 1_000
/** A node that was not heard for so long, while this one hears itself, is gone. */
const DEAD_MS = 6_000
/** The same while nothing can be heard at all: what nodes said of themselves is believed no longer (PRS-2). */
const DEAF_MS = 45_000
/** Entries that would take more are not sent: the other nodes read them. */
const ENTRIES_CHARACTERS = 1024 * 1024
/** Facts that go in one message, about. */
const PART_CHARACTERS = 256 * 1024
/** How long the other nodes may take to say whether they have a peer. */
const SIGNAL_MS = 2_000
/** How long an answer may take beside what it waits for by itself. */
const ANSWER_MS = 5_000
/** When to ask for what another node has, while Redis is away. */
const RETRY_MS = 1_000
/** Peers whose node is remembered. */
const KNOWN_PEERS = 10_000
/** Frames, signals and questions that were held up for so long are not passed on. */
const LATE_MS = 4_000
/** How often a node is asked to say all again. */
const AGAIN_MS = 250
/** Rooms whose heads go in one beat. */
const HEADS = 2_000

export interface RedisBusOptions {
  url: string
  /** What channels begin with: nodes of one installation have it in common. */
  prefix: string
  /** Told when Redis goes away and when it is back. Nothing said is secret. */
  onChange?: (isUp: boolean, reason: string) => void
  onError?: (error: unknown, where: string) => void
  /** Milliseconds of a steady clock. @default performance.now */
  now?: () => number
}

type Answer = { json?: string, error?: { code: ProtocolError['code'], message: string, retryAfterMs?: number, reason?: ProtocolError['reason'] } }

/**
 * The bus over Redis pub/sub. What is for this node too is delivered at once, whatever Redis does. What Redis loses is noticed: facts are
 * numbered, and heads of rooms go in every beat; the rest is only true for a moment.
 */
export function createRedisBus(options: RedisBusOptions): Bus {
  const now = options.now ?? (() => performance.now())
  const node = nodeName()
  const receivers: Partial<Receivers>[] = []
  const everyone = `${options.prefix}:all`
  const own = new OwnFacts()
  const told = new ToldFacts((from, fact, died) => each('fact', ({ fact: heard }) => heard?.(from, fact, died)))
  const heardAt = new Map<string, number>()
  const signals = new Questions<Reached>()
  const answers = new Questions<Answer>()
  const answering = new Map<string, AbortController>()
  /** On which node a peer was found, and which peer a question is about. */
  const peers = new Map<string, string>()
  const asked = new Map<string, string>()
  const askedAgainAt = new Map<string, number>()
  const lateness = new Lateness()
  let echoAt = 0
  let wasUp = false
  let isOut = false

  const wire = new RedisWire({ url: options.url, channels: [everyone, channelOf(node)], onMessage: receive, onUp: up, onDown: down })
  const beating = setInterval(beat, BEAT_MS).unref()

  function channelOf(name: string): string {
    return `${options.prefix}:${name}`
  }

  /** One receiver that fails must not keep others from hearing. */
  function each(where: string, deliver: (receiver: Partial<Receivers>) => void): void {
    for (const receiver of receivers) {
      try {
        deliver(receiver)
      } catch (error) {
        options.onError?.(error, `bus ${where}`)
      }
    }
  }

  const written = (message: NodeMessage): string => JSON.stringify({ from: node, at: now(), ...message })

  async function send(channel: string, message: NodeMessage): Promise<number> {
    return wire.publish(channel, written(message))
  }

  /** Sends what may be lost. */
  function say(channel: string, message: NodeMessage): void {
    wire.say(channel, written(message))
  }

  function up(): void {
    echoAt = now()
    for (const name of heardAt.keys()) heardAt.set(name, now())
    if (isOut || !wasUp) options.onChange?.(true, '')
    isOut = false
    sayAll(everyone)
    say(everyone, { kind: 'again' })
    beat()
    if (wasUp) each('back', ({ back }) => back?.())
    wasUp = true
  }

  function down(reason: string): void {
    if (isOut) return
    isOut = true
    peers.clear()
    options.onChange?.(false, reason)
  }

  function beat(): void {
    const at = now()
    // Who does not hear itself has no right to judge of others.
    const patience = wire.isUp && at - echoAt < DEAD_MS / 2 ? DEAD_MS : DEAF_MS
    for (const [name, heard] of heardAt) if (at - heard > patience) lose(name)
    if (!wire.isUp) return
    if (at - echoAt > DEAD_MS) return wire.reconnect('nothing is heard')
    const all = Object.entries(Object.assign({}, ...receivers.map(({ heads }) => heads?.() ?? {})) as Record<string, number>)
    do say(everyone, { kind: 'beat', n: own.n, heads: Object.fromEntries(all.splice(0, HEADS)) })
    while (all.length > 0)
  }

  function lose(name: string): void {
    heardAt.delete(name)
    askedAgainAt.delete(name)
    answers.giveUp(name)
    told.died(name)
    for (const [peer, on] of peers) if (on === name) peers.delete(peer)
  }

  function sayAll(channel: string): void {
    const parts = own.parts(PART_CHARACTERS)
    parts.forEach((facts, part) => say(channel, { kind: 'facts', n: own.n, part, last: part === parts.length - 1, facts }))
  }

  function receive(text: string): void {
    const message = readMessage(text)
    if (message?.from === node) echoAt = now()
    if (!message || message.from === node) return
    const read = message.read()
    if (!read) return
    // A Redis that stood still says later what it was told before: what was true for that moment alone is wrong by now.
    const late = lateness.note(message.from, message.at, now())
    if (late > LATE_MS && (read.kind === 'frame' || read.kind === 'signal' || read.kind === 'ask')) return
    if (!heardAt.has(message.from) && read.kind !== 'bye') {
      // Who comes new has not heard what was said before.
      missed(message.from, false)
      sayAll(channelOf(message.from))
    }
    heardAt.set(message.from, now())
    handle(message.from, read)
  }

  function handle(from: string, message: NodeMessage): void {
    switch (message.kind) {
      case 'frame': return each('frame', ({ frame }) => frame?.(message.message))
      case 'committed': return each('committed', ({ committed }) => committed?.(message.roomId, message.entries))
      case 'control': return each('control', ({ control }) => control?.(message.control))
      case 'signal': return say(channelOf(from), { kind: 'reached', id: message.id, reached: signalHere(receivers, message.message) })
      case 'reached': return signals.answer(message.id, from, message.reached === 'reached' ? remembering(message.id, from) : message.reached)
      case 'fact': return missed(from, told.hear(from, message.n, message.fact))
      case 'facts': return missed(from, told.hearAll(from, message) || message.part > 0)
      case 'again': return sayAll(channelOf(from))
      case 'ask': return void answerTo(from, message.id, message.body)
      case 'stop': return answering.get(`${from} ${message.id}`)?.abort()
      case 'answer': return answers.answer(message.id, from, message)
      case 'bye': return lose(from)
      case 'beat': {
        missed(from, told.knows(from, message.n))
        for (const [roomId, head] of Object.entries(message.heads)) each('head', receiver => receiver.head?.(roomId, head))
      }
    }
  }

  function missed(from: string, isWhole: boolean): void {
    if (isWhole || now() - (askedAgainAt.get(from) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return
    askedAgainAt.set(from, now())
    say(channelOf(from), { kind: 'again' })
  }

  function remembering(id: string, from: string): Reached {
    const peer = asked.get(id)
    if (peer !== undefined) {
      if (peers.size >= KNOWN_PEERS) peers.delete(peers.keys().next().value ?? '')
      peers.set(peer, from)
    }
    return 'reached'
  }

  async function signal(message: PeerMessage): Promise<Reached> {
    const here = signalHere(receivers, message)
    if (here !== 'gone') return here
    // Whoever is there cannot be told now: the sender is to try again, and not to take the other for gone.
    if (!wire.isUp) return heardAt.size > 0 ? 'busy' : 'gone'
    const peer = `${message.roomId}\n${message.peerId}`
    const known = peers.get(peer)
    if (known !== undefined) {
      const reached = await signalTo(channelOf(known), message, peer)
      if (reached !== 'gone') return reached
      peers.delete(peer)
    }
    return heardAt.size === 0 ? 'gone' : signalTo(everyone, message, peer)
  }

  async function signalTo(channel: string, message: PeerMessage, peer: string): Promise<Reached> {
    let question = ''
    const reached = await signals.ask(SIGNAL_MS, async (id, expect) => {
      question = id
      asked.set(id, peer)
      const listening = await send(channel, { kind: 'signal', id, message })
      expect(channel === everyone ? listening - 1 : Math.min(listening, 1))
    }, answer => answer !== 'gone')
    asked.delete(question)
    return reached ?? 'gone'
  }

  async function answerTo(from: string, id: string, body: unknown): Promise<void> {
    const key = `${from} ${id}`
    const gone = new AbortController()
    answering.set(key, gone)
    let answer: Answer = { error: { code: 'not_found', message: 'connection_id: no such connection' } }
    try {
      for (const { request } of receivers) {
        const json = request?.(body, gone.signal)
        if (!json) continue
        answer = { json: await json }
        break
      }
    } catch (error) {
      if (error instanceof ProtocolError) answer = { error: { code: error.code, message: error.message, retryAfterMs: error.retryAfterMs, reason: error.reason } }
      else {
        options.onError?.(error, 'bus request')
        answer = { error: { code: 'internal', message: 'something went wrong' } }
      }
    }
    answering.delete(key)
    if (!gone.signal.aborted) say(channelOf(from), { kind: 'answer', id, ...answer })
  }

  async function ask(name: string, body: unknown, waitMs: number, gone?: AbortSignal): Promise<string> {
    const missing = new ProtocolError('not_found', 'connection_id: no such connection')
    if (!wire.isUp) throw heardAt.has(name) ? new ProtocolError('unavailable', 'another node cannot be reached', { retryAfterMs: RETRY_MS }) : missing
    let question = ''
    const answer = await answers.ask(waitMs + ANSWER_MS, async (id, expect) => {
      question = id
      if (await send(channelOf(name), { kind: 'ask', id, body }) === 0) expect(0)
    }, () => true, gone, name)
    if (answer?.json !== undefined) return answer.json
    if (answer?.error) throw new ProtocolError(answer.error.code, answer.error.message, answer.error)
    if (question !== '') say(channelOf(name), { kind: 'stop', id: question })
    throw missing
  }

  function committed(roomId: string, entries: Entry[]): void {
    const message: NodeMessage = { kind: 'committed', roomId, entries }
    const length = entries.reduce((sum, entry) => sum + ('content' in entry && entry.content ? entry.content.text.length : 0) + 500, 0)
    if (length <= ENTRIES_CHARACTERS) return say(everyone, message)
    say(everyone, { kind: 'beat', n: own.n, heads: { [roomId]: entries.at(-1)?.seq ?? 0 } })
  }

  return {
    node,
    hasOthers: true,
    publish(message) {
      each('frame', ({ frame }) => frame?.(message))
      say(everyone, { kind: 'frame', message })
    },
    signal,
    committed,
    control(control) {
      each('control', receiver => receiver.control?.(control))
      say(everyone, { kind: 'control', control })
    },
    tell(fact) {
      const said = own.say(fact)
      if (said) say(everyone, { kind: 'fact', ...said })
    },
    ask,
    subscribe: added => void receivers.push(added),
    isUp: () => wire.isUp,
    async close() {
      clearInterval(beating)
      await send(everyone, { kind: 'bye' }).catch(() => undefined)
      wire.close()
    },
  }
}
