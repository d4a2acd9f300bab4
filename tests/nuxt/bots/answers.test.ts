import { mountSuspended } from '@nuxt/test-utils/runtime'
import { beforeAll, describe, expect, it } from 'vitest'
import MessageBody from '~/components/chat/MessageBody.vue'
import MessageRow from '~/components/chat/MessageRow.vue'
import { answerFrom } from '~/utils/chat/answers'
import type { RoomMessage } from '~/utils/room/room-view'
import { fetchMarkdown } from '~/composables/chat/useMarkdown'

const answer = answerFrom({ stream_id: 's', bot: 'host', n: 1, text: 'one', userId: 'u1' }, '2026-01-01T00:00:00.000Z')
const message: RoomMessage = {
  room: 'r', seq: 1, messageId: 's', userId: 'bot:host', userName: 'Host', timestamp: answer.timestamp,
  metadata: { stream_id: 's', engine: 'openai-compatible', model: 'test-model' },
  content: { text: 'one', type: 'assistant', actor_type: 'bot', format: 'markdown' },
}
const row = (props: object = {}) => mountSuspended(MessageRow, { props: { message, head: true, active: false, members: [], canEditAny: false, canDeleteAny: false, canWrite: true, highlighted: false, ...props } })
const withNotes = (metadata: object) => row({ message: { ...message, metadata: { ...message.metadata, ...metadata } } })

beforeAll(fetchMarkdown)

describe('a bot\'s message', () => {
  it('[C6] says that it is a bot, with its engine and model, and has a square picture', async () => {
    const wrapper = await row()
    expect(wrapper.get('header').text()).toContain('openai-compatible · test-model')
    expect(wrapper.get('header .sr-only').text()).toContain('Bot')
    expect(wrapper.get('.avatar').classes()).toContain('rounded-md')
    expect((await withNotes({ engine: 'built-in', model: undefined })).get('header').text()).toContain('built-in engine')
  })

  it('[AI-3] has a Stop while it is on its way, for who may', async () => {
    const wrapper = await row({ answer, canStop: true })
    expect(wrapper.get('article').attributes('aria-busy')).toBe('true')
    await wrapper.get('button[aria-label="Stop the answer of Host"]').trigger('click')
    expect(wrapper.emitted('stop')).toHaveLength(1)
    expect((await row({ answer })).find('button').exists()).toBe(false)
    const over = await row({ answer: { ...answer, state: 'ended' as const }, canStop: true })
    expect(over.find('button').exists()).toBe(false)
    expect(over.get('article').attributes('aria-busy')).toBeUndefined()
  })

  it('says that it thinks before its first word', async () => {
    const wrapper = await row({ answer, message: { ...message, content: { ...message.content, text: '' } } })
    expect(wrapper.text()).toContain('Host is thinking')
    expect(wrapper.find('.caret').exists()).toBe(true)
  })

  it.each([['cancelled', 'Stopped before its end'], ['error', 'the engine failed'], ['length', 'Cut off']])('[AI-1] says in words that it ended with %s', async (finish, words) => {
    expect((await withNotes({ finish })).text()).toContain(words)
  })

  it.each([['filtered', 'its filter stopped it'], ['token_limit', 'length limit'], ['cut', 'the connection to the engine was lost']])('[AI-7] says in a sentence of its own that it ended as %s', async (reason, words) => {
    expect((await withNotes({ finish: 'error', reason })).text()).toContain(words)
  })

  it('[AI-8] folds what was thought, and marks it', async () => {
    const wrapper = await withNotes({ thinking: { text: 'Let me **see**.', ms: 4100 } })
    expect(wrapper.get('details summary').text()).toBe('Thought for 4 s')
    expect(wrapper.get('details').attributes('open')).toBeUndefined()
    expect(wrapper.get('details [role=group]').text()).toBe('Let me **see**.')
    expect(wrapper.get('.prose-chat').text()).not.toContain('see')
    const thinking = await row({ answer, message: { ...message, content: { ...message.content, text: '' }, metadata: { ...message.metadata, thinking: { text: '', ms: 0, active: true } } } })
    expect(thinking.text()).toContain('Thinking…')
    expect(thinking.find('details').exists()).toBe(false)
  })

  it('shows sources as numbered links, and none that leads elsewhere than it may', async () => {
    const wrapper = await withNotes({ sources: [{ url: '/r/r#m3', title: 'Ann, #3' }, { url: 'javascript:alert(1)', title: 'no' }] })
    const links = wrapper.findAll('ol[aria-label=Sources] a')
    expect(links.map(link => [link.attributes('href'), link.text()])).toEqual([['/r/r#m3', '1 Ann, #3']])
  })
})

describe('a text that grows', () => {
  const whole = '# Title\n\nFirst **bold** words.\n\n- one\n- two\n\n```ts\nconst a = 1\n```\n\nSee [the docs](/docs/start) and [this](/r/r#m3).'
  const mount = (text: string, live = true) => mountSuspended(MessageBody, { props: { text, format: 'markdown' as const, blocks: true, live } })

  it('leaves what was said in place, down to the element', async () => {
    const wrapper = await mount('# Title\n\nFirst **bold** words.\n\nSec')
    const elements = wrapper.findAll('.prose-chat > div').slice(0, 2).map(block => block.element.firstElementChild)
    await wrapper.setProps({ text: '# Title\n\nFirst **bold** words.\n\nSecond words, and **mo' })
    expect(wrapper.findAll('.prose-chat > div').slice(0, 2).map(block => block.element.firstElementChild)).toEqual(elements)
    expect(wrapper.findAll('.prose-chat > div').slice(0, 2).every((block, index) => block.element.firstElementChild === elements[index])).toBe(true)
    expect(wrapper.text()).toContain('and mo')
    expect(wrapper.text()).not.toContain('**')
  })

  it('never shows a mark that will not stay, and ends as the whole text does', async () => {
    const wrapper = await mount('')
    for (let length = 1; length <= whole.length; length++) {
      await wrapper.setProps({ text: whole.slice(0, length) })
      expect(wrapper.text().replace(/\bconst a = 1\b/, '')).not.toMatch(/\*\*|\]\(|^#+$/m)
    }
    const before = wrapper.html()
    await wrapper.setProps({ live: false })
    expect(wrapper.html()).toBe(before.replace(' live"', '"'))
    expect(wrapper.html().replaceAll(/<!--.*?-->/g, '')).toBe((await mount(whole, false)).html().replaceAll(/<!--.*?-->/g, ''))
  })

  it('[A2] keeps a model\'s text harmless at every length', async () => {
    const attack = '<img src=x onerror=alert(1)> **<script>alert(1)</script>** [x](javascript:alert(1)) [y](//evil.example) ![z](https://evil.example/p.gif) [w](/api/session)\n\n<svg onload=alert(1)>'
    const wrapper = await mount('')
    for (let length = 1; length <= attack.length; length++) {
      await wrapper.setProps({ text: attack.slice(0, length) })
      expect(wrapper.element.querySelectorAll('img, script, svg, iframe, [onerror], [onload]')).toHaveLength(0)
      for (const link of wrapper.element.querySelectorAll('a')) expect(link.getAttribute('href')).toMatch(/^https?:/)
    }
  })
})
