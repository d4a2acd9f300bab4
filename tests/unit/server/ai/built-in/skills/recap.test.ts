import { describe, expect, it } from 'vitest'
import { answerRecap, centralOf } from '../../../../../../server/ai/built-in/skills/recap'
import { MORNING } from '../../../../../fixtures/engine-room'
import { ask, linked } from '../../../../../support/engine-ask'
import type { Said } from '../../../../../support/engine-room'
import { roomOf } from '../../../../../support/engine-room'

describe('a recap', () => {
  it('[built-in engine] quotes the middle of what was said, with decisions, things to do and open questions', async () => {
    const { markdown, sources, found } = await answerRecap(await ask('recap', MORNING))
    expect(found).toBe(true)
    expect(markdown).toMatch(/^24 messages by 4 people in this room\./)
    expect(markdown).toMatch(/proxy[^]*\*\*Decided\*\*[^]*Node 18[^]*\*\*To do\*\*[^]*release notes[^]*\*\*Still open\*\*[^]*budget for design/)
    expect(new Set(sources.map(({ url }) => url))).toEqual(new Set(linked(markdown).map(seq => `/r/plan#m${seq}`)))
  })

  it('[built-in engine] says nothing that nobody said', async () => {
    const { markdown } = await answerRecap(await ask('recap', MORNING))
    const quotations = [...markdown.matchAll(/“([^”]*)”/g)].map(match => match[1]!.replace(/\\(.)/g, '$1'))
    expect(quotations.length).toBeGreaterThan(5)
    for (const quotation of quotations) expect(MORNING.some(({ text }) => text.includes(quotation)), quotation).toBe(true)
  })

  it('[built-in engine] shows a short stretch as it is', async () => {
    const { markdown } = await answerRecap(await ask('recap since #22', MORNING))
    expect(linked(markdown)).toEqual([22, 23, 24])
    expect(markdown).toMatch(/^3 messages by 2 people since #22\./)
  })

  it('[built-in engine] keeps to a topic', async () => {
    const { markdown } = await answerRecap(await ask('recap', MORNING), 'dark theme')
    expect(linked(markdown)).toEqual([14, 15, 16])
  })

  it('[built-in engine] has nothing of a stretch, or on a topic, without messages', async () => {
    expect(await answerRecap(await ask('recap since #25', MORNING))).toMatchObject({ found: false, markdown: 'Nobody wrote anything since #25.' })
    expect(await answerRecap(await ask('recap', MORNING), 'holiday in Lisbon')).toMatchObject({ found: false })
  })

  it('[built-in engine] says how much of a long stretch it read', async () => {
    const { markdown } = await answerRecap(await ask('recap everything since #1', Array.from({ length: 1200 }, (_, n) => ({ by: 'Ada', at: n / 100, text: `The build of part ${n} takes ${n} minutes.` }))))
    expect(markdown).toContain('1,200 messages by 1 person since #1, of which I read the newest 800.')
  })
})

describe('the most central sentences', () => {
  const many: Said[] = [
    { by: 'Ada', at: 0, text: 'The upload of large files fails at the proxy.' },
    { by: 'Bob', at: 1, text: 'Large files fail because the proxy limit is four megabytes.' },
    { by: 'Cem', at: 2, text: 'The proxy limit for the upload of files must be raised.' },
    { by: 'Dora', at: 3, text: 'The upload of large files fails at the proxy!' },
    { by: 'Ada', at: 4, text: 'Tea is ready in the kitchen upstairs.' },
    { by: 'Bob', at: 5, text: 'ok' },
  ]

  it('[built-in engine] are those that others are like, none twice, in their order', async () => {
    const { lines } = (await roomOf(many)).view()
    const two = (await centralOf(lines, lines, 2)).map(({ line }) => line.seq)
    expect(two).toHaveLength(2)
    expect(two).toEqual([...two].sort((a, b) => a - b))
    expect(two).not.toContain(5)
    expect(two).not.toEqual([1, 4])
  })

  it('[built-in engine] count more where people reacted and replied', async () => {
    const room = await roomOf([...many.slice(0, 4), { by: 'Eve', at: 4, text: 'The proxy of the old office has no limit.', reactions: { '👍': ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] } }, ...Array.from({ length: 8 }, (_, n) => ({ by: 'Bob', at: 5 + n, text: 'ok', to: 5 }))])
    const { lines } = room.view()
    expect((await centralOf(lines, lines, 2)).map(({ line }) => line.seq)).toContain(5)
  })

  it('[built-in engine] are found in any language, and in none', async () => {
    const { lines } = (await roomOf([{ by: 'A', at: 0, text: '大きなファイルのアップロードが失敗します。' }, { by: 'B', at: 1, text: 'プロキシの制限でアップロードが失敗します。' }, { by: 'C', at: 2, text: '🎉🎉🎉' }, { by: 'D', at: 3, text: '' }])).view()
    expect((await centralOf(lines, lines, 2)).map(({ line }) => line.seq)).toEqual([1, 2])
    expect((await centralOf([], [], 3))).toEqual([])
  })
})
