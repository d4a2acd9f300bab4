import { describe, expect, it } from 'vitest'
import { ROOM_THRESHOLD, around, answerSearch, roomHits } from '../../../../../../server/ai/built-in/skills/search'
import { MORNING, ROOM_KNOWN, ROOM_OFF_TOPIC } from '../../../../../fixtures/engine-room'
import { ask, linked } from '../../../../../support/engine-ask'

describe('search in the room', () => {
  it('[built-in engine] quotes messages with author, time and link, in any form of the words', async () => {
    const { markdown, sources } = await answerSearch(await ask('search for backups', MORNING), 'backup')
    expect(linked(markdown).sort()).toEqual([20, 21, 22])
    expect(markdown).toContain('- “The staging server ran out of disk space last night, I deleted old backups.” — **Dora**, 10:03 UTC, [#20](/r/plan#m20)')
    expect(sources).toContainEqual({ id: 'plan#20', url: '/r/plan#m20', title: 'Dora, #20' })
  })

  it('[built-in engine] keeps to the author and to the stretch that are named', async () => {
    expect(linked((await answerSearch(await ask('what did Cem say about the proxy', MORNING), 'the proxy', 'Cem')).markdown)).toEqual([4])
    expect(linked((await answerSearch(await ask('search for backups since #22', MORNING), 'backups')).markdown)).toEqual([22])
  })

  it('[built-in engine] has nothing on what nobody wrote', async () => {
    const { found, markdown } = await answerSearch(await ask('search for Lisbon', MORNING), 'Lisbon')
    expect(found).toBe(false)
    expect(markdown).toMatch(/^I have nothing on that/)
  })

  it('shows the part of a long message where the words stand', () => {
    const text = `${'lorem ipsum '.repeat(100)}the contract is in the drawer ${'dolor sit '.repeat(100)}`
    expect(around(text, 'contracts')).toMatch(/^….*the contract is in the drawer/)
    expect(around('short', 'contract')).toBe('short')
  })

  it('[built-in engine] answers questions on the room, and refuses those it says nothing of', async () => {
    const asking = await ask('what?', MORNING)
    const best = async (question: string, threshold?: number) => (await roomHits(asking, question, threshold))[0]?.line.seq
    const right = async (threshold?: number) => (await Promise.all(ROOM_KNOWN.map(async ({ question, seq }) => await best(question, threshold) === seq))).filter(Boolean).length
    const refused = async (threshold?: number) => (await Promise.all(ROOM_OFF_TOPIC.map(question => best(question, threshold)))).filter(seq => seq === undefined).length
    for (const threshold of [ROOM_THRESHOLD, 0.2, 0.3, 0.4, 0.6, 0.7]) {
      process.stdout.write(`room, threshold ${threshold}: top-1 ${await right(threshold)} of ${ROOM_KNOWN.length}, refused ${await refused(threshold)} of ${ROOM_OFF_TOPIC.length}\n`)
    }
    expect(await right() / ROOM_KNOWN.length).toBeGreaterThanOrEqual(0.7)
    expect(await refused() / ROOM_OFF_TOPIC.length).toBeGreaterThanOrEqual(0.9)
  })
})
