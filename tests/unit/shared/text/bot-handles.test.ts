import { describe, expect, it } from 'vitest'
import { calledIn } from '../../../../server/ai/listening'
import { SHIPPED, storedSettings } from '../../../../server/ai/persona'
import type { Persona } from '../../../../server/ai/persona'
import { botHandles, handleOf } from '../../../../shared/text/bot-handles'
import { mentionables } from '../../../../composables/chat/useMentions'

const persona = (id: string, name: string): Persona => ({ ...SHIPPED[0]!, id, name })

describe('[AI-5] what a bot is called by', () => {
  it.each([['@host hi', ['host']], ['Hi @Concierge!', ['host']], ['@concierge and @HOST', ['host']], ['`@concierge`', []], ['@concierges', []]])('%s', (text, called) => {
    expect([...calledIn(text, SHIPPED)]).toEqual(called)
  })

  it('an id comes before a name, and an earlier name before a later one', () => {
    const bots = [persona('a', 'Guide'), persona('guide', 'A'), persona('c', 'Twin'), persona('d', 'twin'), persona('e', 'The Sea')]
    expect(Object.fromEntries(botHandles(bots))).toEqual({ 'a': 'a', 'guide': 'guide', 'c': 'c', 'twin': 'c', 'd': 'd', 'e': 'e', 'the sea': 'e' })
    expect(bots.map(bot => handleOf(bot, botHandles(bots)))).toEqual(['a', 'guide', 'twin', 'd', 'e'])
    expect([...calledIn('@The Sea and @guide', bots)]).toEqual(['e', 'guide'])
  })

  it('is offered by its name, with one sentence of what it does', () => {
    const bots = SHIPPED.map(({ id, name, description }) => ({ id, name, description, enabled: true, engine: 'built-in' }))
    expect(mentionables({ bots, members: [] }).map(({ handle }) => handle)).toEqual(['concierge', 'facilitator', 'guide'])
    expect(mentionables({ bots, members: [] }).every(({ description }) => /^[A-Z].*\.$/.test(description ?? ''))).toBe(true)
  })
})

describe('personas that were stored before they had a sentence', () => {
  const { description: _, ...old } = { ...SHIPPED[0]!, name: 'Host' }

  it('get that of the shipped one, and the shipped host its present name', () => {
    expect(storedSettings('host', old)).toMatchObject({ name: 'Concierge', description: SHIPPED[0]!.description })
    expect(storedSettings('host', { ...old, name: 'Olga' })).toMatchObject({ name: 'Olga', description: SHIPPED[0]!.description })
    expect(storedSettings('sea', old)).toMatchObject({ name: 'Host', description: '' })
  })

  it('keep what an operator chose since', () => {
    expect(storedSettings('host', { ...old, description: '' })).toMatchObject({ name: 'Host', description: '' })
  })
})
