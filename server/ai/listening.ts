import type { Message } from '#shared/protocol/frames'
import type { Persona } from './persona'
import { botUserId } from './persona'
import type { Turns } from './turns'

const MENTION = /(?<=^|[\s([{,;:])@([a-z][a-z0-9-]{0,31})(?![\w-])/gi

/** Who is addressed by `@name` in a text, in small letters. */
export function mentionsIn(text: string): Set<string> {
  return new Set([...text.matchAll(MENTION)].flatMap(match => match[1]?.toLowerCase() ?? []))
}

/**
 * Which personas answer a message that was just said: those mentioned, and those that always speak when a person does.
 * Bots may be called by bots, up to a number of turns; none follows itself (C4).
 */
export function respondents(message: Message, personas: readonly Persona[], turns: Turns, roomId: string): Persona[] {
  const human = message.content.actor_type === 'client'
  const mentioned = mentionsIn(message.content.text)
  return personas.filter((persona) => {
    if (message.userId === botUserId(persona.id) || persona.speaks === 'asked') return false
    const called = mentioned.has(persona.id)
    return (called || (human && persona.speaks === 'always')) && turns.mayFollow(roomId, persona.id)
  })
}
