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
export const storedSettings = personaSettings.extend({ avatar: personaAvatar.catch('') })

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
