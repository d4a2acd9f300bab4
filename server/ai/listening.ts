import { botHandles } from '#shared/text/bot-handles'
import { mentionOrder, mentionsOf } from '#shared/text/mentions'
import type { Message } from '#shared/protocol/frames'
import type { Persona } from './persona'
import { botUserId } from './persona'
import type { Turns } from './turns'

/** Which of these personas a message calls by `@id` or `@name`, by the rule the page marks them by. @returns their ids */
export function calledIn(text: string, personas: readonly Persona[]): Set<string> {
  const handles = botHandles(personas)
  return new Set([...mentionsOf(text, mentionOrder([...handles.keys()]))].map(handle => handles.get(handle)!))
}

/**
 * Which personas answer a message that was just said: those mentioned, and those that always speak when a person does.
 * Bots may be called by bots, up to a number of turns; none follows itself (C4).
 */
export function respondents(message: Message, personas: readonly Persona[], turns: Turns, roomId: string): Persona[] {
  const human = message.content.actor_type === 'client'
  const mentioned = calledIn(message.content.text, personas)
  return personas.filter((persona) => {
    if (message.userId === botUserId(persona.id) || persona.speaks === 'asked') return false
    const called = mentioned.has(persona.id)
    return (called || (human && persona.speaks === 'always')) && turns.mayFollow(roomId, persona.id)
  })
}
