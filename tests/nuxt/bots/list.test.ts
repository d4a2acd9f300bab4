import { mountSuspended } from '@nuxt/test-utils/runtime'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ServerFrameOf } from '#shared/protocol/frames'
import { useNuxtApp } from '#imports'
import BotList from '~/components/bots/BotList.vue'
import type { Chat } from '~/composables/useChat'
import { useConnectionStore } from '~/stores/connection'
import { useRoomsStore } from '~/stores/rooms'

const at = '2026-01-01T00:00:00.000Z'

function state(can: string[]): ServerFrameOf<'room.state'> {
  return {
    type: 'room.state', room: 'r', name: 'r', kind: 'room', title: 'R', locked: false, listed: false, epoch: 'e', head: 0, floor: 0, members: [], streams: [],
    bots: [{ id: 'host', name: 'Host', enabled: true, engine: 'openai-compatible', model: 'm' }, { id: 'guide', name: 'Guide', enabled: false, engine: 'built-in' }],
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
    vi.spyOn((useNuxtApp().$chat as Chat).socket, 'request').mockImplementation(request)
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
})
