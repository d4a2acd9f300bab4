import { afterEach, expect, it } from 'vitest'
import type { BotsWorld } from '../../../support/bots-world'
import { createBotsWorld } from '../../../support/bots-world'
import { waitFor } from '../../../support/wait'

let world: BotsWorld
afterEach(() => world.dispose())

it('[BOT-1] the engine of a bot that is switched on readies itself for that room, and not for one that is switched off', async () => {
  const readied: string[] = []
  world = await createBotsWorld(async room => void readied.push(room.name))
  await world.toggle('host', true)
  await waitFor(() => readied.length === 1)
  await world.toggle('host', false)
  await world.toggle('nobody', true)
  await world.toggle('guide', true)
  await waitFor(() => readied.length === 2)
  expect(readied).toEqual(['plan', 'plan'])
  expect(world.errors).toEqual([])
})

it('[BOT-1] an engine that cannot ready itself keeps its bot from nothing', async () => {
  world = await createBotsWorld(() => Promise.reject(new Error('not now')))
  await world.toggle('host', true)
  await waitFor(() => world.errors.length === 1)
  await world.say(world.ann, '@host?')
  await waitFor(() => world.all('ai.end').length === 1)
  expect(world.all('ai.end')[0]).toMatchObject({ finish: 'stop' })
})

it('[AI-5] a bot named in code or in the words of a link is not called; named in plain words after that, it is', async () => {
  world = await createBotsWorld(() => Promise.resolve())
  await world.toggle('host', true)
  for (const text of ['use `@host` here', '```\n@host\n```', '    @host', '[@host](https://example.org)', 'me@host']) await world.say(world.ann, text)
  await world.say(world.ann, 'and **@host**?')
  await waitFor(() => world.all('ai.end').length >= 1)
  expect(world.all('ai.start')).toHaveLength(1)
  expect(world.errors).toEqual([])
})

it('[AI-7] [AGT-13] a bot whose tokens are used up says so to who calls it, and to who asks it, and begins nothing', async () => {
  world = await createBotsWorld(() => Promise.resolve())
  await world.persona('host', { tokensPerHour: 1000 })
  await world.toggle('host', true)
  world.turns.spend('main', 'host', 1000, 0)
  const message = await world.say(world.ann, '@host?')
  await waitFor(() => world.all('ai.end').length === 1)
  expect(world.all('ai.start')).toMatchObject([{ bot: 'host', in_reply_to: message }])
  expect(world.all('ai.end')).toMatchObject([{ finish: 'error', reason: 'budget' }])
  expect(world.all('ai.end')[0]?.messageId).toBeUndefined()
  await expect(world.bots.ask({ room: world.room, asker: world.ann, bot: 'host', prompt: 'And now?' })).rejects.toMatchObject({ code: 'rate_limited', reason: 'budget', message: 'bot: its tokens of this hour are used up' })
  expect(world.errors).toEqual([])
})
