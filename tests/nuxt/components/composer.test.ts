import { mountSuspended } from '@nuxt/test-utils/runtime'
import { beforeEach, describe, expect, it } from 'vitest'
import ChatComposer from '~/components/chat/ChatComposer.vue'
import type { RoomMessage } from '~/utils/room-view'

const message: RoomMessage = {
  room: 'r', seq: 1, messageId: 'm1', userId: 'u', userName: 'Ann', timestamp: '2026-01-01T00:00:00.000Z', metadata: {},
  content: { text: 'old text', type: 'user', actor_type: 'client', format: 'markdown' },
}

describe('composer', () => {
  beforeEach(() => localStorage.clear())
  const mount = (props = {}) => mountSuspended(ChatComposer, { props: { room: 'r', title: 'Room', ...props } })

  it('sends with Enter, trimmed, and empties itself', async () => {
    const wrapper = await mount()
    const box = wrapper.get('textarea')
    await box.setValue('  hello \n')
    await box.trigger('keydown', { key: 'Enter' })
    expect(wrapper.emitted('send')).toEqual([['hello']])
    expect(box.element.value).toBe('')
  })

  it('leaves Shift+Enter and the Enter of an input method to the text', async () => {
    const wrapper = await mount()
    const box = wrapper.get('textarea')
    await box.setValue('hello')
    await box.trigger('keydown', { key: 'Enter', shiftKey: true })
    await box.trigger('keydown', { key: 'Enter', isComposing: true })
    expect(wrapper.emitted('send')).toBeUndefined()
  })

  it('sends nothing that is empty', async () => {
    const wrapper = await mount()
    await wrapper.get('textarea').setValue('   ')
    await wrapper.get('form').trigger('submit')
    expect(wrapper.emitted('send')).toBeUndefined()
  })

  it('[FRM-5] counts bytes near the limit and refuses beyond it', async () => {
    const wrapper = await mount()
    const box = wrapper.get('textarea')
    await box.setValue('é'.repeat(8_192))
    expect(wrapper.text()).toContain('16,384 of 16,384 bytes')
    expect(wrapper.get('button[type=submit]').attributes('disabled')).toBeUndefined()
    await box.setValue('é'.repeat(8_193))
    await box.trigger('keydown', { key: 'Enter' })
    expect(wrapper.emitted('send')).toBeUndefined()
    expect(wrapper.get('button[type=submit]').attributes('disabled')).toBeDefined()
  })

  it('asks for the last message with ArrowUp, only when empty', async () => {
    const wrapper = await mount()
    const box = wrapper.get('textarea')
    await box.trigger('keydown', { key: 'ArrowUp' })
    await box.setValue('x')
    await box.trigger('keydown', { key: 'ArrowUp' })
    expect(wrapper.emitted('editLast')).toHaveLength(1)
  })

  it('edits in place and gives the draft back', async () => {
    const wrapper = await mount()
    const box = wrapper.get('textarea')
    await box.setValue('my draft')
    await wrapper.setProps({ editing: message })
    expect(box.element.value).toBe('old text')
    await box.setValue('new text')
    await box.trigger('keydown', { key: 'Enter' })
    expect(wrapper.emitted('save')).toEqual([['new text']])
    await wrapper.setProps({ editing: undefined })
    expect(box.element.value).toBe('my draft')
  })

  it('keeps a draft per room', async () => {
    await (await mount()).get('textarea').setValue('half a thought')
    expect((await mount()).get('textarea').element.value).toBe('half a thought')
    expect((await mount({ room: 'other' })).get('textarea').element.value).toBe('')
  })

  it('says why one cannot write', async () => {
    const wrapper = await mount({ blocked: 'A host muted you.' })
    expect(wrapper.find('textarea').exists()).toBe(false)
    expect(wrapper.text()).toContain('A host muted you.')
  })
})
