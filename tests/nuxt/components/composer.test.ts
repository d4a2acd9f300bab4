import { mountSuspended } from '@nuxt/test-utils/runtime'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import ChatComposer from '~/components/chat/ChatComposer.vue'
import type { RoomMessage } from '~/utils/room/room-view'

const message: RoomMessage = {
  room: 'r', seq: 1, messageId: 'm1', userId: 'u', userName: 'Ann', timestamp: '2026-01-01T00:00:00.000Z', metadata: {},
  content: { text: 'old text', type: 'user', actor_type: 'client', format: 'markdown' },
}

describe('composer', () => {
  beforeEach(() => localStorage.clear())
  const submit = vi.fn(() => true)
  beforeEach(() => submit.mockClear())
  const mount = (props = {}) => mountSuspended(ChatComposer, { props: { room: 'r', title: 'Room', submit, ...props } })

  it('sends with Enter, trimmed, and empties itself', async () => {
    const wrapper = await mount()
    const box = wrapper.get('textarea')
    await box.setValue('  hello \n')
    await box.trigger('keydown', { key: 'Enter' })
    expect(submit.mock.calls).toEqual([['hello']])
    expect(box.element.value).toBe('')
  })

  it('leaves Shift+Enter and the Enter of an input method to the text', async () => {
    const wrapper = await mount()
    const box = wrapper.get('textarea')
    await box.setValue('hello')
    await box.trigger('keydown', { key: 'Enter', shiftKey: true })
    await box.trigger('keydown', { key: 'Enter', isComposing: true })
    expect(submit).not.toHaveBeenCalled()
  })

  it('sends nothing that is empty', async () => {
    const wrapper = await mount()
    await wrapper.get('textarea').setValue('   ')
    await wrapper.get('form').trigger('submit')
    expect(submit).not.toHaveBeenCalled()
  })

  it('[FRM-5] counts bytes near the limit and refuses beyond it', async () => {
    const wrapper = await mount()
    const box = wrapper.get('textarea')
    await box.setValue('é'.repeat(8_192))
    expect(wrapper.text()).toContain('16,384 of 16,384 bytes')
    expect(wrapper.get('button[type=submit]').attributes('disabled')).toBeUndefined()
    await box.setValue('é'.repeat(8_193))
    await box.trigger('keydown', { key: 'Enter' })
    expect(submit).not.toHaveBeenCalled()
    expect(wrapper.get('button[type=submit]').attributes('disabled')).toBeDefined()
  })

  it('goes on with an edit where it was left, tells how far it is, and leaves the draft alone', async () => {
    localStorage.setItem('lastra:draft:r', 'my draft')
    const wrapper = await mount({ editing: { text: 'old text', draft: 'half n', messageId: 'm1', seq: 1 } })
    const box = wrapper.get('textarea')
    expect(box.element.value).toBe('half n')
    await box.setValue('half new')
    expect(wrapper.emitted('edited')).toEqual([['half new']])
    await wrapper.setProps({ editing: undefined })
    expect(box.element.value).toBe('my draft')
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
    await wrapper.setProps({ editing: { text: 'old text' } })
    expect(box.element.value).toBe('old text')
    await box.setValue('new text')
    await box.trigger('keydown', { key: 'Enter' })
    expect(submit.mock.calls).toEqual([['new text']])
    await wrapper.setProps({ editing: undefined })
    expect(box.element.value).toBe('my draft')
  })

  it('keeps a text that is not taken, in the field and as a draft', async () => {
    const wrapper = await mount({ submit: () => false })
    const box = wrapper.get('textarea')
    await box.setValue('the 101st')
    await box.trigger('keydown', { key: 'Enter' })
    expect(box.element.value).toBe('the 101st')
    expect((await mount()).get('textarea').element.value).toBe('the 101st')
  })

  it('keeps a draft per room', async () => {
    await (await mount()).get('textarea').setValue('half a thought')
    expect((await mount()).get('textarea').element.value).toBe('half a thought')
    expect((await mount({ room: 'other' })).get('textarea').element.value).toBe('')
  })

  describe('[AI-5] @', () => {
    const named = [
      { handle: 'host', name: 'Host', userId: 'bot:host', bot: true },
      { handle: 'Hanna Berg', name: 'Hanna Berg', userId: 'u2', bot: false },
    ]
    async function writing(text: string) {
      const wrapper = await mount({ named })
      const box = wrapper.get('textarea')
      await box.setValue(text)
      const press = (key: string) => box.trigger('keydown', { key })
      return { wrapper, box, press, options: () => wrapper.findAll('[role=option]') }
    }

    it('offers people and bots in a combobox that arrows walk, and Enter takes one instead of sending', async () => {
      const { wrapper, box, press, options } = await writing('ask @h')
      expect(options().map(option => option.text())).toEqual(['HHost@host · Bot', 'HBHanna Berg'])
      const list = wrapper.get('[role=listbox]')
      expect(box.attributes()).toMatchObject({ 'role': 'combobox', 'aria-expanded': 'true', 'aria-controls': list.attributes('id'), 'aria-activedescendant': options()[0]!.attributes('id') })
      await press('ArrowDown')
      expect(box.attributes('aria-activedescendant')).toBe(options()[1]!.attributes('id'))
      expect(options().map(option => option.attributes('aria-selected'))).toEqual(['false', 'true'])
      await press('Enter')
      expect(box.element.value).toBe('ask @Hanna Berg ')
      expect(box.attributes('role')).toBeUndefined()
      expect(wrapper.find('[role=listbox]').exists()).toBe(false)
      expect(submit).not.toHaveBeenCalled()
      await press('Enter')
      expect(submit.mock.calls).toEqual([['ask @Hanna Berg']])
    })

    it('takes one with Tab or a press, and goes round at the ends', async () => {
      const first = await writing('@')
      await first.press('ArrowUp')
      await first.press('Tab')
      expect(first.box.element.value).toBe('@Hanna Berg ')
      const second = await writing('@')
      await second.options()[0]!.trigger('pointerdown')
      expect(second.box.element.value).toBe('@host ')
    })

    it('closes with Esc without giving up a reply, and stays closed for that word', async () => {
      const { wrapper, box, press, options } = await writing('@h')
      await wrapper.setProps({ replyTo: message })
      await press('Escape')
      expect(options()).toHaveLength(0)
      expect(wrapper.emitted('cancel')).toBeUndefined()
      await box.setValue('@ho')
      expect(options()).toHaveLength(0)
      await box.setValue('@ho and @h')
      expect(options()).toHaveLength(2)
      await press('Escape')
      await press('Escape')
      expect(wrapper.emitted('cancel')).toHaveLength(1)
    })

    it('offers nothing where nobody is meant', async () => {
      expect((await writing('me@host')).options()).toHaveLength(0)
      expect((await writing('@nobody')).options()).toHaveLength(0)
    })
  })

  it('says why one cannot write', async () => {
    const wrapper = await mount({ blocked: 'A host muted you.' })
    expect(wrapper.find('textarea').exists()).toBe(false)
    expect(wrapper.text()).toContain('A host muted you.')
  })
})
