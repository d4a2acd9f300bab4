import { z } from 'zod'
import { identifier, personName, unicode } from '#shared/protocol/fields'

export const ENGINES = ['default', 'built-in', 'openai-compatible', 'openai', 'anthropic', 'google'] as const

/** What makes a persona, as operators set it (C1). */
export const personaSettings = z.object({
  name: personName,
  avatar: unicode.max(32).default(''),
  instructions: unicode.max(8192, 'must be at most 8192 characters'),
  /** `default` is the server's own engine. */
  engine: z.enum(ENGINES).default('default'),
  model: unicode.max(128).optional(),
  temperature: z.number().min(0, 'must not be negative').max(2, 'must be at most 2').optional(),
  /** When it answers unasked: never, when mentioned, or whenever a person writes. */
  speaks: z.enum(['asked', 'mention', 'always']).default('mention'),
  /** Answers a minute in one room, and tokens an hour in all. */
  answersPerMinute: z.number().int().min(1).max(120).default(12),
  tokensPerHour: z.number().int().min(1000).max(100_000_000).default(200_000),
})

export type PersonaSettings = z.output<typeof personaSettings>

/** A persona: a bot that can be switched on in rooms. */
export interface Persona extends PersonaSettings {
  /** Stable, and what one writes after `@`. */
  readonly id: string
  readonly version: number
}

export const personaId = identifier.regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9 and -, starting with a letter')

/** The author of a bot's messages. No person's id has a colon. */
export function botUserId(id: string): string {
  return `bot:${id}`
}

function shipped(id: string, settings: z.input<typeof personaSettings>): Persona {
  return { id, version: 0, ...personaSettings.parse(settings) }
}

/** The personas every organisation begins with; version 0, until somebody changes them. */
export const SHIPPED: readonly Persona[] = [
  shipped('host', {
    name: 'Host',
    instructions: 'You welcome people to the room and recap what was said, briefly and with the names of those who said it. You never take sides.',
  }),
  shipped('facilitator', {
    name: 'Facilitator',
    instructions: 'You keep the thread: open questions, decisions, and who took on what by when. You answer with lists and quote what they rest on.',
  }),
  shipped('guide', {
    name: 'Guide',
    instructions: 'You answer questions about Lastra itself from its documentation, quote the passage, and say so when the documentation has nothing on it.',
  }),
]
