import { z } from 'zod'
import { emojiOf } from '../text/emoji'
import { identifier, personName, unicode } from './fields'
import { LIMITS } from './limits'

export const ENGINES = ['default', 'built-in', 'openai-compatible', 'openai', 'anthropic', 'google'] as const
export type EngineName = typeof ENGINES[number]

/** When a persona answers unasked: never, when mentioned, or whenever a person writes. */
export const SPEAKS = ['asked', 'mention', 'always'] as const

/** One or two letters or digits. */
const LETTERS = /^(?:[\p{L}\p{N}]\p{M}{0,2}){1,2}$/u

/** What stands for a persona in its avatar: one emoji, or one or two letters; empty for the letters of its name. */
export const personaAvatar = unicode.trim().max(LIMITS.emojiLength, `must be at most ${LIMITS.emojiLength} characters`)
  .refine(value => value === '' || LETTERS.test(value) || emojiOf(value) !== undefined, 'must be one emoji, or one or two letters')

const whole = (min: number, max: number) => z.number('must be a number').int('must be a whole number').min(min, `must be at least ${min}`).max(max, `must be at most ${max}`)

/** What makes a persona, as operators set it (AGT-8). */
export const personaSettings = z.object({
  name: personName,
  avatar: personaAvatar.default(''),
  /** What it does, in one sentence, for those who choose whom to ask. */
  description: unicode.trim().max(LIMITS.personaDescription, `must be at most ${LIMITS.personaDescription} characters`).refine(value => !/[\r\n]/.test(value), 'must be one line').default(''),
  instructions: unicode.max(LIMITS.instructions, `must be at most ${LIMITS.instructions} characters`),
  /** `default` is the server's own engine. */
  engine: z.enum(ENGINES).default('default'),
  model: unicode.max(LIMITS.modelName, `must be at most ${LIMITS.modelName} characters`).optional(),
  temperature: z.number('must be a number').min(0, 'must not be negative').max(2, 'must be at most 2').optional(),
  speaks: z.enum(SPEAKS).default('mention'),
  /** Answers a minute in one room, and tokens an hour in all. */
  answersPerMinute: whole(1, 120).default(12),
  tokensPerHour: whole(1000, 100_000_000).default(200_000),
})

export type PersonaSettings = z.output<typeof personaSettings>

/** Parts of the addresses of the personas' routes and page, which no persona can be called by. */
const RESERVED: ReadonlySet<string> = new Set(['new', 'try', 'usage'])

/** Stable, and what one writes after `@`. */
export const personaId = identifier.regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9 and -, starting with a letter')
  .refine(id => !RESERVED.has(id), 'is a reserved name')
