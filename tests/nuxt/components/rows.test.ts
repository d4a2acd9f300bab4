import { mountSuspended } from '@nuxt/test-utils/runtime'
import { beforeAll, describe, expect, it } from 'vitest'
import MessageToolbar from '~/components/chat/MessageToolbar.vue'
import MessageRow from '~/components/chat/MessageRow.vue'
import PendingRow from '~/components/chat/PendingRow.vue'
import type { PendingMessage } from '~/utils/outbox/outbox-item'
import type { RoomMessage } from '~/utils/room/room-view'
import { fetchMarkdown } from '~/composables/chat/useMarkdown'

const message: RoomMessage = {
  room: 'r', seq: 1, messageId: 'm1', userId: 'u1', userName: '<b>Ann</b>', timestamp: '2026-01-01T00:00:00.000Z', metadata: {},
  content: { text: 'hello', type: 'user', actor_type: 'client', format: 'markdown' },
}
const rowProps = { message, head: true, active: false, userId: 'me', members: [], canEditAny: false, canDeleteAny: false, canWrite: true, highlighted: false }

const pending: PendingMessage = { kind: 'message', client_msg_id: 'x', room: 'r', userId: 'me', text: 'mine', timestamp: '2026-01-01T00:00:00.000Z', state: 'sending' }

beforeAll(fetchMarkdown)

describe('message row', () => {
  it('shows author and time once per group, and names as text', async () => {
    const head = await mountSuspended(MessageRow, { props: rowProps })
    expect(head.text()).toContain('<b>Ann</b>')
    expect(head.find('b').exists()).toBe(false)
    const next = await mountSuspended(MessageRow, { props: { ...rowProps, head: false } })
    expect(next.text()).not.toContain('Ann')
  })

  it('[LOG-5] shows a deleted message without its text', async () => {
    const row = await mountSuspended(MessageRow, { props: { ...rowProps, message: { ...message, deleted: true, content: { ...message.content, text: '' } } } })
    expect(row.text()).toContain('Message deleted')
  })

  it('marks an edited message and quotes the one it answers', async () => {
    const row = await mountSuspended(MessageRow, { props: { ...rowProps, message: { ...message, edited: message.timestamp, in_reply_to: 'm0' }, quoted: { ...message, messageId: 'm0', userName: 'Bob', content: { ...message.content, text: 'first **words**' } } } })
    expect(row.text()).toContain('(edited)')
    expect(row.get('.quote').text()).toContain('first words')
  })

  it('shows who reacted and takes a press as one\'s own', async () => {
    const row = await mountSuspended(MessageRow, { props: { ...rowProps, message: { ...message, reactions: { '👍': ['me', 'u2'], '👀': [] } } } })
    const chips = row.findAll('button[aria-pressed]')
    expect(chips).toHaveLength(1)
    expect(chips[0]!.attributes('aria-pressed')).toBe('true')
    expect(chips[0]!.text()).toContain('2')
    await chips[0]!.trigger('click')
    expect(row.emitted('react')).toEqual([['👍']])
  })

  it('shows plain text as it is', async () => {
    const row = await mountSuspended(MessageRow, { props: { ...rowProps, message: { ...message, content: { ...message.content, text: '**a** <i>', format: 'plain' } } } })
    expect(row.text()).toContain('**a** <i>')
  })
})

describe('message toolbar', () => {
  const POLL = '**Poll:** Lunch?\n\n- 1️⃣ pizza\n- 2️⃣ salad'
  const quick = async (actor_type: 'bot' | 'client', text: string) => {
    const bar = await mountSuspended(MessageToolbar, { props: { message: { ...message, content: { ...message.content, text, actor_type } }, canEdit: false, canDelete: false, canWrite: true } })
    return bar.findAll('button').map(button => button.text()).filter(label => label !== '')
  }

  it('[LOG-5] offers a bot\'s poll the options it lists, and everything else what people say most', async () => {
    expect(await quick('bot', POLL)).toEqual(['1️⃣', '2️⃣'])
    expect(await quick('client', POLL)).toEqual(['👍', '❤️', '😂'])
    expect(await quick('bot', 'Hello.')).toEqual(['👍', '❤️', '😂'])
  })
})

describe('pending row', () => {
  const mount = (state: Partial<PendingMessage>, connected = true, active = false) => mountSuspended(PendingRow, { props: { pending: { ...pending, ...state }, head: true, name: 'Me', connected, active } })

  it('[A7] is busy and lighter while it is on its way', async () => {
    const row = await mount({})
    expect(row.get('article').attributes('aria-busy')).toBe('true')
    expect(row.get('article').classes()).toContain('unsure')
    expect(row.text()).toContain('Sending')
  })

  it('[A8] says what happens while there is no connection', async () => {
    expect((await mount({}, false)).text()).toContain('Sent when the connection is back')
  })

  it('[A7] says why it failed, and offers retry and delete', async () => {
    const row = await mount({ state: 'failed', error: 'You are muted.' })
    expect(row.get('[role=alert]').text()).toContain('Not sent. You are muted.')
    const [retry, discard] = row.findAll('button')
    await retry!.trigger('click')
    await discard!.trigger('click')
    expect(row.emitted('retry')).toHaveLength(1)
    expect(row.emitted('discard')).toHaveLength(1)
  })

  it('[A8] offers to change it and take it back while the server does not have it', async () => {
    const row = await mount({}, false, true)
    await row.get('[role=toolbar] [aria-label=Edit]').trigger('click')
    await row.get('[role=toolbar] [aria-label=Delete]').trigger('click')
    expect(row.emitted('edit')).toHaveLength(1)
    expect(row.emitted('discard')).toHaveLength(1)
    expect((await mount({ state: 'sent' }, true, true)).find('[role=toolbar]').exists()).toBe(false)
  })
})
