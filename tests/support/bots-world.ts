import { simulateReadableStream } from 'ai'
import { MockLanguageModelV3 } from 'ai/test'
import { createAnswers } from '../../server/ai/answers'
import { createBots } from '../../server/ai/bots'
import type { Bots } from '../../server/ai/bots'
import type { Engine } from '../../server/ai/engine'
import { createPersonaStore } from '../../server/ai/persona-store'
import { createRoomBots } from '../../server/ai/room-bots'
import { createStreamStore } from '../../server/ai/stream-store'
import { Turns } from '../../server/ai/turns'
import { createRoomLog } from '../../server/log/room-log'
import { createLocalBus } from '../../server/realtime/bus/local'
import type { RoomLog } from '../../server/log/types'
import { createRoomDirectory } from '../../server/rooms/directory'
import type { Room } from '../../server/rooms/types'
import { personaSettings } from '../../shared/protocol/persona'
import type { PersonaSettings } from '../../shared/protocol/persona'
import type { ServerFrame, ServerFrameOf, ServerFrameType, User } from '../../shared/protocol/frames'
import { createTestDatabase } from './database'

/** The bots of one room on a real log and a real database, with an engine that says one word and a clock the test moves. */
export interface BotsWorld {
  bots: Bots
  log: RoomLog
  turns: Turns
  room: Room
  ann: User
  bob: User
  /** Everything that was sent to the room. */
  frames: ServerFrame[]
  /** Moves the clock and lets bots speak that waited. */
  advance: (ms: number) => void
  /** Who types, until it is said otherwise. */
  typing: Set<string>
  all: <T extends ServerFrameType>(type: T) => ServerFrameOf<T>[]
  errors: unknown[]
  /** Says something and gives the message's id. */
  say: (user: User, text: string) => Promise<string>
  toggle: (bot: string, enabled: boolean) => Promise<void>
  /** Keeps a persona with these settings beside the shipped ones. */
  persona: (id: string, settings: Partial<PersonaSettings>) => Promise<void>
  dispose: () => Promise<void>
}

/** @param warm what the engine does to be ready */
export async function createBotsWorld(warm?: Engine['warm']): Promise<BotsWorld> {
  const database = await createTestDatabase()
  const { db } = database.handle
  const log = createRoomLog(database.handle)
  const [ann, bob] = [await database.addUser('Ann'), await database.addUser('Bob')]
  const room = await database.addRoom('plan', ann)
  const frames: ServerFrame[] = []
  const errors: unknown[] = []
  const onError = (error: unknown): void => void errors.push(error)
  let at = 0
  const now = (): number => at
  const typists = new Set<string>()
  const turns = new Turns()
  const personas = createPersonaStore(db)
  const bus = createLocalBus()
  bus.subscribe({ frame: ({ frame }) => frames.push(frame) })
  const answers = createAnswers({ log, bus, streams: createStreamStore(db), turns, silenceMs: 10_000, onError, now })
  const count = { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 }
  const languageModel = () => new MockLanguageModelV3({ doStream: async () => ({ stream: simulateReadableStream({ chunks: [
    { type: 'text-start' as const, id: '0' }, { type: 'text-delta' as const, id: '0', delta: 'Yes.' }, { type: 'text-end' as const, id: '0' },
    { type: 'finish' as const, finishReason: { unified: 'stop' as const, raw: undefined }, usage: { inputTokens: count, outputTokens: { total: 1, text: 1, reasoning: 0 } } },
  ] }) }) })
  const bots = createBots({
    log, bus, personas, answers, turns, onError, now, typing: (_, exceptUser) => [...typists].some(userId => userId !== exceptUser), rooms: createRoomDirectory(db, { creation: true }), roomBots: createRoomBots(db, log),
    engineOf: () => ({ name: 'test', languageModel, ...(warm && { warm }) }),
  })
  return {
    bots, log, turns, room, ann, bob, frames, errors, typing: typists,
    advance(ms) {
      at += ms
      bots.sweep()
    },
    all: type => frames.filter(frame => frame.type === type) as ServerFrameOf<typeof type>[],
    async say({ id: userId, name: userName }, text) {
      const said = await log.append(room.id, { type: 'message', userId, userName, content: { text, type: 'user', actor_type: 'client', format: 'markdown' } })
      return said.messageId ?? ''
    },
    async toggle(bot, enabled) {
      await log.append(room.id, { type: 'bot', userId: ann.id, bot, enabled })
    },
    async persona(id, settings) {
      await personas.save('main', id, personaSettings.parse({ name: id, instructions: 'Answer.', ...settings }), ann.id)
    },
    async dispose() {
      await answers.stop()
      await log.drained()
      await database.dispose()
    },
  }
}
