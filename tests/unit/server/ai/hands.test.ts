import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LIMITS } from '../../../../shared/protocol/limits'
import type { BotsWorld } from '../../../support/bots-world'
import { createBotsWorld } from '../../../support/bots-world'
import { waitFor } from '../../../support/wait'

describe('[AI-6] a bot that has an answer while the room talks', () => {
  let world: BotsWorld
  beforeEach(async () => {
    world = await createBotsWorld()
    await world.toggle('host', true)
  })
  afterEach(async () => {
    expect(world.errors).toEqual([])
    await world.dispose()
  })

  const hands = () => world.all('ai.hand').map(({ bot, raised, in_reply_to }) => [bot, raised, in_reply_to])
  const answered = () => world.all('ai.start').map(frame => frame.in_reply_to)
  /** Says something while the other one types, and waits until a hand is up. */
  async function interrupted(text = '@host, what do you think?'): Promise<string> {
    world.typing.add(world.bob.id)
    const count = hands().length
    const id = await world.say(world.ann, text)
    await waitFor(() => hands().length > count)
    return id
  }

  it('raises its hand while others type, shows it to who comes in, and speaks once the room is quiet', async () => {
    const question = await interrupted()
    expect(hands()).toEqual([['host', true, question]])
    expect((await world.bots.list(world.room)).find(bot => bot.id === 'host')).toMatchObject({ hand: true, in_reply_to: question })
    world.advance(LIMITS.handQuietMs)
    expect(hands()).toHaveLength(1)
    world.typing.clear()
    await world.say(world.bob, 'I would wait.')
    world.advance(LIMITS.handQuietMs - 1)
    expect(hands()).toHaveLength(1)
    world.advance(1)
    await waitFor(() => world.all('ai.end').length === 1)
    expect(hands().at(-1)).toEqual(['host', false, undefined])
    expect(answered()).toEqual([question])
    expect((await world.bots.list(world.room)).find(bot => bot.id === 'host')).not.toHaveProperty('hand')
  })

  it('speaks at once when somebody lets it, and once only', async () => {
    const question = await interrupted()
    await world.bots.ask({ room: world.room, asker: world.bob, bot: 'host', inReplyTo: question })
    expect(hands().at(-1)).toEqual(['host', false, undefined])
    await waitFor(() => world.all('ai.end').length === 1)
    world.typing.clear()
    world.advance(LIMITS.handQuietMs)
    expect(answered()).toEqual([question])
  })

  it('answers at once where nobody else types, and its author\'s own typing is no reason to wait', async () => {
    world.typing.add(world.ann.id)
    const question = await world.say(world.ann, '@host?')
    await waitFor(() => world.all('ai.end').length === 1)
    expect(answered()).toEqual([question])
    expect(hands()).toEqual([])
  })

  it('lowers it when it is switched off, when its question goes, and when it waited for too long', async () => {
    await interrupted()
    await world.toggle('host', false)
    expect(hands().at(-1)).toEqual(['host', false, undefined])
    await world.toggle('host', true)
    const question = await interrupted()
    await world.log.append(world.room.id, { type: 'delete', userId: world.ann.id, moderator: false, messageId: question })
    expect(hands().at(-1)).toEqual(['host', false, undefined])
    await interrupted()
    await world.log.append(world.room.id, { type: 'clear', userId: world.ann.id })
    expect(hands().at(-1)).toEqual(['host', false, undefined])
    await interrupted()
    world.advance(LIMITS.handStaleMs)
    expect(hands().at(-1)).toEqual(['host', false, undefined])
    expect(answered()).toEqual([])
  })

  it('keeps each question it was called for, up to a few, and lets each be answered', async () => {
    const questions: string[] = []
    world.typing.add(world.bob.id)
    for (let n = 0; n < LIMITS.handsPerBot + 1; n++) questions.push(await world.say(world.ann, `@host, ${n}?`))
    await waitFor(async () => hands().at(-1)?.[2] === questions[1])
    world.typing.clear()
    for (let n = 0; n < LIMITS.handsPerBot; n++) {
      world.advance(LIMITS.handQuietMs)
      await waitFor(() => world.all('ai.end').length === n + 1)
    }
    expect(answered()).toEqual(questions.slice(1))
    expect(hands().at(-1)).toEqual(['host', false, undefined])
  })

  it('does not take part in every turn of a lively talk, but in its pause, with the newest message', async () => {
    await world.toggle('host', false)
    await world.persona('always', { speaks: 'always' })
    await world.toggle('always', true)
    const first = await world.say(world.ann, 'Shall we?')
    await waitFor(() => world.all('ai.end').length === 1)
    await world.say(world.bob, 'Yes.')
    await waitFor(() => world.all('ai.end').length === 2)
    await world.say(world.ann, 'When?')
    const newest = await world.say(world.bob, 'At ten.')
    await waitFor(() => hands().at(-1)?.[2] === newest)
    expect(world.all('ai.start')).toHaveLength(2)
    world.advance(LIMITS.handQuietMs)
    await waitFor(() => world.all('ai.end').length === 3)
    expect([answered()[0], answered()[2]]).toEqual([first, newest])
    world.advance(LIMITS.handStaleMs)
    expect(world.all('ai.start')).toHaveLength(3)
  })
})
