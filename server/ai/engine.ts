import type { LanguageModel } from 'ai'
import type { Message, User } from '#shared/protocol/frames'
import type { Room } from '../rooms/types'
import type { Persona } from './persona'

/** What an answer is about. */
export interface Question {
  room: Room
  asker: User
  /** Where the asker is connected from, as far as that is known: an address has a share of what is everybody's. */
  address?: string
  /** What was asked; without it the room itself is the question. */
  prompt?: string
  /** The newest messages of the room, oldest first: all a bot may read beyond what its engine looks up for the asker. */
  recent: readonly Message[]
}

/** A model ready to answer, and what it is called in front of people (C6). */
export interface Engine {
  /** Such as `built-in`, `openai-compatible`. */
  name: string
  /** The model's own name, where it has one. */
  model?: string
  /** What an answer costs that it does not count itself: it was stopped, or failed. @default as much as reads the conversation */
  cost?: (question: Question, said: string) => number
  /**
   * The language model for one question.
   *
   * @param line what it reaches its server with, so that the line is watched
   */
  languageModel: (question: Question, line?: typeof fetch) => LanguageModel
  /** Readies itself for the questions of a room, where there is something to ready. */
  warm?: (room: Room) => Promise<void>
}

/** Finds the engine a persona is to speak with. */
export type EngineResolver = (persona: Persona) => Engine

/** The engine that is always there. */
export interface BuiltInEngine {
  /** Makes its language model for one question to one persona. */
  model: (question: Question, persona: Persona) => LanguageModel
  /** What an answer to a question costs, as the engine counts it: it sends nothing anywhere, and reads the question alone. */
  cost: (question: Question, said: string) => number
  /** Reads a room, so that the first question to a persona there waits for no reading. */
  warm: (room: Room, persona: Persona) => Promise<void>
  /** Forgets what it has read of rooms: it was not heard what came after. */
  forget: () => void
}
