import { ProtocolError } from '#shared/protocol/errors'
import type { Bot, Message, StreamSnapshot, User } from '#shared/protocol/frames'
import { LIMITS } from '#shared/protocol/limits'
import type { RoomLog } from '../log/types'
import type { Bus } from '../realtime/bus'
import type { RoomDirectory } from '../rooms/directory'
import { kindOf } from '../rooms/kinds'
import type { Room } from '../rooms/types'
import type { Answers } from './answers'
import type { EngineResolver } from './engine'
import { AnswersElsewhere } from './answers-elsewhere'
import { Hands } from './hands'
import { InOrder } from './in-order'
import type { Hand, HandsOptions } from './hands'
import { calledIn, respondents } from './listening'
import type { Persona } from './persona'
import type { PersonaStore } from './persona-store'
import { newestWithin } from './reading'
import type { RoomBots } from './room-bots'
import type { Taker } from './shares'
import type { Turns } from './turns'

export interface BotsOptions {
  log: RoomLog
  rooms: Pick<RoomDirectory, 'byId'>
  personas: PersonaStore
  roomBots: RoomBots
  answers: Answers
  bus: Bus
  turns: Turns
  engineOf: EngineResolver
  onError: (error: unknown, where: string) => void
  /** Whether anybody types in a room, apart from one. */
  typing: HandsOptions['typing']
  /** Where a user is connected from, as far as that is known. @default unknown */
  addressOf?: (userId: string) => string | undefined
  /** Milliseconds of a steady clock. */
  now: () => number
}

/** Somebody asks a bot something. */
export interface Ask {
  room: Room
  asker: User
  bot: string
  prompt?: string
  inReplyTo?: string
  /** Where the asker is connected from. */
  address?: string
}

/** The bots of every room: who is on, who speaks, and what they are saying. */
export interface Bots {
  /** The personas as a room sees them (RES-2); an agent's session has none to switch. */
  list: (room: Room) => Promise<Bot[]>
  /** The answers on their way in a room (AI-2). */
  streaming: (roomId: string) => StreamSnapshot[]
  /** Starts an answer and gives its stream's id. @throws ProtocolError `not_found`, `forbidden`, `rate_limited` */
  ask: (ask: Ask) => Promise<string>
  /** Stops an answer (AI-3). @throws ProtocolError `not_found`, `forbidden` for one who neither asked nor moderates */
  cancel: (roomId: string, streamId: string, userId: string, moderates: boolean) => void
  /** Lets bots speak that waited for a quiet moment (AI-6). To be called about twice a second. */
  sweep: () => void
}

export function createBots({ log, rooms, personas, roomBots, answers, bus, turns, engineOf, onError, typing, addressOf = () => undefined, now }: BotsOptions): Bots {
  const hands = new Hands({
    typing,
    announce: (roomId, frame) => bus.publish({ audience: { to: 'room', roomId }, frame, conflateKey: `hand\n${roomId}\n${frame.bot}` }),
    speak: hand => void speak(hand).catch(error => onError(error, 'speaking at last')),
    now,
  })

  const hearing = new InOrder()

  const elsewhere = new AnswersElsewhere(bus, id => answers.find(id) !== undefined, now)
  bus.subscribe({
    control(what) {
      const answering = what.type === 'end-answer' ? answers.find(what.streamId) : undefined
      if (answering) answers.end(answering, 'stopped')
    },
  })

  log.onCommitted((roomId, entries, origin) => {
    for (const entry of entries) {
      // Who was spoken to answers once: on the node where it was said.
      if (entry.type === 'message.new' && origin === 'here') {
        if (entry.content.actor_type === 'client') hands.heard(roomId, entry)
        // In the order in which it was said: whom a bot answers must not depend on which question to the database is answered first.
        void hearing.run(roomId, () => heard(roomId, entry)).catch(error => onError(error, 'listening'))
      }
      if (entry.type === 'message.deleted') hands.lower(roomId, hand => hand.ask.inReplyTo === entry.messageId)
      if (entry.type === 'clear') hands.lower(roomId, () => true)
      if (entry.type === 'bot-toggle' && entry.enabled) void warm(roomId, entry.bot).catch(error => onError(error, 'warming up'))
      if (entry.type === 'bot-toggle' && !entry.enabled) {
        hands.lower(roomId, hand => hand.bot === entry.bot)
        for (const answering of answers.inRoom(roomId)) if (answering.row.bot === entry.bot) answers.end(answering, 'switched_off')
      }
    }
  })

  /** Readies the engine of a bot that was switched on: questions follow. */
  async function warm(roomId: string, bot: string): Promise<void> {
    const room = await rooms.byId(roomId)
    const persona = room && await personas.find(room.orgId, bot)
    if (persona) await engineOf(persona).warm?.(room)
  }

  /** Lets the bots that are meant answer what was said. */
  async function heard(roomId: string, message: Message): Promise<void> {
    const enabled = await roomBots.enabled(roomId)
    if (enabled.size === 0) return
    if (message.content.actor_type === 'client') turns.human(roomId, now())
    const room = await rooms.byId(roomId)
    if (!room) return
    const listening = (await personas.list(room.orgId)).filter(persona => enabled.has(persona.id))
    const mentioned = calledIn(message.content.text, listening)
    for (const persona of respondents(message, listening, turns, roomId)) {
      const asker: User = { id: message.userId, name: message.userName, role: 'guest' }
      const asked = { room, asker, bot: persona.id, inReplyTo: message.messageId }
      const called = mentioned.has(persona.id)
      if (hands.wouldInterrupt(roomId, message, called)) hands.raise({ room, bot: persona.id, ask: asked, called })
      else await unasked(persona, asked, called)
    }
  }

  /** Lets a bot speak that waited, if it still may. */
  async function speak({ room, bot, ask: waited, called }: Hand): Promise<void> {
    const persona = await personas.find(room.orgId, bot)
    if (!persona || !(await roomBots.enabled(room.id)).has(bot) || !(called || turns.mayFollow(room.id, bot))) return
    await unasked(persona, waited, called)
  }

  /**
   * Starts an answer nobody waits for by name: who was only mentioned is not told that a bot is busy, who asks is. Who called one
   * that has nothing left to speak with for up to an hour is told, as of an answer that ended (AI-7).
   */
  async function unasked(persona: Persona, asked: Ask, called: boolean): Promise<void> {
    await start(persona, asked).catch((error: unknown) => {
      if (!(error instanceof ProtocolError)) throw error
      if (called && error.reason === 'budget') answers.refuse(persona, asked, 'budget')
    })
  }

  async function ask(asked: Ask): Promise<string> {
    const { room, bot } = asked
    const persona = await personas.find(room.orgId, bot)
    if (!persona) throw new ProtocolError('not_found', 'bot: there is no such bot')
    if (!(await roomBots.enabled(room.id)).has(bot)) throw new ProtocolError('forbidden', 'bot: is switched off in this room')
    const id = await start(persona, asked)
    turns.human(room.id, now())
    return id
  }

  async function start(persona: Persona, { room, asker, prompt, inReplyTo, address = addressOf(asker.id) }: Ask): Promise<string> {
    const taker: Taker = { userId: asker.id, roomId: room.id, ...(address !== undefined && { address }) }
    const recent = (await log.newest(room.id, LIMITS.botReads)).entries as Message[]
    const about = inReplyTo === undefined ? undefined : recent.find(message => message.messageId === inReplyTo)
    if (inReplyTo !== undefined && !about) throw new ProtocolError('not_found', `in_reply_to: not among the newest ${LIMITS.botReads} messages`)
    answers.requireCapacity(taker)
    turns.requireAnswer('bot', room.orgId, taker, persona, now())
    hands.lower(room.id, hand => hand.bot === persona.id && (!hand.called || hand.ask.inReplyTo === inReplyTo))
    // What is asked about is the question, and not said twice.
    const read = newestWithin(prompt === undefined ? recent.filter(message => message !== about) : recent, LIMITS.botReadsBytes)
    const question = { room, asker, ...(address !== undefined && { address }), prompt: prompt ?? about?.content.text, recent: read }
    return (await answers.begin({ persona, engine: engineOf(persona), question, inReplyTo })).row.id
  }

  return {
    async list(room) {
      if (!kindOf(room).hasBots) return []
      const [all, enabled] = await Promise.all([personas.list(room.orgId), roomBots.enabled(room.id)])
      return all.map((persona) => {
        const { name: engine, model } = engineOf(persona)
        const waits = hands.of(room.id, persona.id)[0]?.ask.inReplyTo ?? elsewhere.handOf(room.id, persona.id)
        return { id: persona.id, name: persona.name, ...(persona.avatar !== '' && { avatar: persona.avatar }), ...(persona.description !== '' && { description: persona.description }), enabled: enabled.has(persona.id), engine, ...(model !== undefined && { model }), ...(waits !== undefined && { hand: true as const, in_reply_to: waits }) }
      })
    },
    streaming: roomId => [...answers.inRoom(roomId).map(({ stream }) => stream.snapshot()), ...elsewhere.inRoom(roomId)],
    ask,
    cancel(roomId, id, userId, moderates) {
      const answering = answers.find(id)
      const about = answering ? { roomId: answering.row.room_id, userId: answering.row.user_id } : elsewhere.find(id)
      if (about?.roomId !== roomId) throw new ProtocolError('not_found', 'stream_id: no such answer on its way')
      if (about.userId !== userId && !moderates) throw new ProtocolError('forbidden', 'stream_id: only who asked or a moderator may stop it')
      if (answering) answers.end(answering, 'stopped')
      else bus.control({ type: 'end-answer', streamId: id })
    },
    sweep: () => hands.sweep(),
  }
}
