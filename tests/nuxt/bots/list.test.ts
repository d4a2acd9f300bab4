import { mountSuspended, registerEndpoint } from '@nuxt/test-utils/runtime'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { computed } from 'vue'
import type { ServerFrameOf } from '#shared/protocol/frames'
import { useNuxtApp } from '#imports'
import BotList from '~/components/bots/BotList.vue'
import type { Chat } from '~/composables/room/useChat'
import { useConnectionStore } from '~/stores/connection'
import { useRoomsStore } from '~/stores/rooms'
import { useSessionStore } from '~/stores/session'
import { startChat } from '~/utils/app/start-chat'

const at = '2026-01-01T00:00:00.000Z'

function state(can: string[]): ServerFrameOf<'room.state'> {
  return {
    type: 'room.state', room: 'r', name: 'r', kind: 'room', title: 'R', locked: false, listed: false, epoch: 'e', head: 0, floor: 0, members: [], lines: [], streams: [],
    bots: [{ id: 'host', name: 'Host', avatar: '🐚', enabled: true, engine: 'openai-compatible', model: 'm' }, { id: 'guide', name: 'Guide', enabled: false, engine: 'built-in' }],
    you: { role: 'member', can, muted: false },
  }
}

describe('bots of a room', () => {
  const request = vi.fn(async () => ({ type: 'ack' as const, ref: 'x' }))

  async function mount(can: string[]) {
    useRoomsStore().stateArrived(state(can), 0)
    useConnectionStore().changed('connected', { at: 0 })
    return mountSuspended(BotList, { props: { room: 'r' } })
  }

  beforeEach(() => {
    startChat(useNuxtApp())
    const chat = useNuxtApp().$chat as Chat
    const { channel } = chat
    vi.spyOn(chat, 'channel').mockImplementation(room => ({ ...channel(room), isConnected: computed(() => true) }))
    vi.spyOn(chat.socket, 'request').mockImplementation(request)
  })
  afterEach(() => {
    vi.restoreAllMocks()
    request.mockClear()
    useRoomsStore().left('r')
  })

  it('[C6] shows each with what speaks in it, and what it can read', async () => {
    const wrapper = await mount([])
    expect(wrapper.findAll('li').map(item => item.text())).toEqual([expect.stringContaining('openai-compatible · m'), expect.stringContaining('built-in engine')])
    expect(wrapper.text()).toContain('the newest 50 messages of this room')
    expect(wrapper.text()).toContain('The built-in engine also looks through what was said here before.')
  })

  it('[BOT-1] lets moderators switch, and tells the others what is on', async () => {
    const moderator = await mount(['bots'])
    const [host, guide] = moderator.findAll('[role=switch]')
    expect([host?.attributes('aria-checked'), guide?.attributes('aria-checked')]).toEqual(['true', 'false'])
    await guide?.trigger('click')
    expect(request).toHaveBeenCalledWith({ type: 'bot-toggle', room: 'r', bot: 'guide', enabled: true })
    const other = await mount([])
    expect(other.find('[role=switch]').exists()).toBe(false)
    expect(other.findAll('li').map(item => /On|Off/.exec(item.text())?.[0])).toEqual(['On', 'Off'])
  })

  it('[AI-1] offers to ask those that are on, and says who answers', async () => {
    const wrapper = await mount([])
    expect(wrapper.findAll('button').map(button => button.attributes('aria-label'))).toEqual(['Ask Host'])
    useRoomsStore().answerStarted({ type: 'ai.start', room: 'r', stream_id: 's', bot: 'host', userId: 'u' }, at)
    await wrapper.vm.$nextTick()
    expect(wrapper.text()).toContain('Host is answering')
  })

  it('[BOT-1] shows what stands for a bot, and the letters of its name where nothing does', async () => {
    const wrapper = await mount([])
    expect(wrapper.findAll('li').map(item => item.find('[aria-hidden=true]').text())).toEqual(['🐚', 'G'])
  })

  it('[AGT-12] shows the budgets and the way to the personas to those who keep them, and asks for nobody else', async () => {
    const asked = vi.fn(() => ({ usage: [{ id: 'host', tokensThisHour: 1500, tokensPerHour: 1000 }] }))
    registerEndpoint('/api/personas/usage', asked)
    for (const role of ['guest', 'member'] as const) {
      useSessionStore().signedIn({ id: 'u', name: 'Ann', role })
      const wrapper = await mount(['bots'])
      expect(wrapper.text()).not.toContain('tokens this hour')
      expect(wrapper.find('a').exists()).toBe(false)
    }
    expect(asked).not.toHaveBeenCalled()
    useSessionStore().signedIn({ id: 'u', name: 'Olga', role: 'operator' })
    const wrapper = await mount([])
    await vi.waitFor(() => expect(wrapper.findAll('li')[0]?.text()).toContain(`${(1500).toLocaleString()} of ${(1000).toLocaleString()} tokens this hour`))
    expect(wrapper.findAll('li')[1]?.text()).not.toContain('tokens this hour')
    expect(wrapper.find('a').attributes('href')).toBe('/personas')
    asked.mockClear()
    useRoomsStore().answerStarted({ type: 'ai.start', room: 'r', stream_id: 's', bot: 'host', userId: 'u' }, at)
    await wrapper.vm.$nextTick()
    useRoomsStore().answerEnded({ type: 'ai.end', room: 'r', stream_id: 's', finish: 'stop' }, at)
    await vi.waitFor(() => expect(asked).toHaveBeenCalled())
    useSessionStore().signedOut()
  })

  it('[AI-6] shows who waits with a raised hand, those that are on first', async () => {
    const wrapper = await mount([])
    useRoomsStore().handChanged({ type: 'ai.hand', room: 'r', bot: 'host', raised: true, in_reply_to: 'm1' })
    await wrapper.vm.$nextTick()
    expect(wrapper.findAll('li').map(item => item.text().includes('Has an answer'))).toEqual([true, false])
    useRoomsStore().handChanged({ type: 'ai.hand', room: 'r', bot: 'host', raised: false })
    useRoomsStore().applied('r', [
      { type: 'bot-toggle', room: 'r', seq: 1, userId: 'u', timestamp: at, bot: 'host', enabled: false },
      { type: 'bot-toggle', room: 'r', seq: 2, userId: 'u', timestamp: at, bot: 'guide', enabled: true },
    ])
    await wrapper.vm.$nextTick()
    expect(wrapper.text()).not.toContain('Has an answer')
    expect(wrapper.findAll('button').map(button => button.attributes('aria-label'))).toEqual(['Ask Guide'])
    expect(wrapper.find('li').text()).toContain('Guide')
  })
})
