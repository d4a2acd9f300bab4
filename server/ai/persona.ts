import type { z } from 'zod'
import { personaAvatar, personaSettings } from '#shared/protocol/persona'
import type { PersonaSettings } from '#shared/protocol/persona'

/** A persona: a bot that can be switched on in rooms. */
export interface Persona extends PersonaSettings {
  /** Stable, and what one writes after `@`. */
  readonly id: string
  readonly version: number
}

/** Settings as they may have been stored before avatars had rules: such an avatar is left out. */
const stored = personaSettings.extend({ avatar: personaAvatar.catch('') })

/**
 * Reads settings as they were stored. Those from before personas had a sentence of what they do get that of the shipped one; and the
 * shipped `host` was called Host then, as a role of people is: where nobody had named it otherwise it has its present name.
 */
export function storedSettings(id: string, json: unknown): PersonaSettings {
  const settings = stored.parse(json)
  const shipped = SHIPPED.find(persona => persona.id === id)
  if (!shipped || Object.hasOwn(json as object, 'description')) return settings
  return { ...settings, description: shipped.description, ...(id === 'host' && settings.name === 'Host' && { name: shipped.name }) }
}

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
    name: 'Concierge',
    description: 'Welcomes people, sums up what was said and missed, and keeps polls and timers.',
    instructions: 'You welcome people to the room and recap what was said, briefly and with the names of those who said it. You never take sides.',
  }),
  shipped('facilitator', {
    name: 'Facilitator',
    description: 'Keeps the thread: open questions, decisions, and who took on what.',
    instructions: 'You keep the thread: open questions, decisions, and who took on what by when. You answer with lists and quote what they rest on.',
  }),
  shipped('guide', {
    name: 'Guide',
    description: 'Explains how to use Lastra, and shows the passage of the docs it rests on.',
    instructions: 'You answer questions about Lastra itself from its documentation, quote the passage, and say so when the documentation has nothing on it.',
  }),
]
