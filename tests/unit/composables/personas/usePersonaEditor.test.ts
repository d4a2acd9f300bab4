import { effectScope, nextTick, shallowRef } from 'vue'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { personaSettings } from '#shared/protocol/persona'
import { usePersonaEditor } from '../../../../composables/personas/usePersonaEditor'
import { ChatError } from '../../../../utils/connection/chat-error'
import type { KeptPersona, PersonasApi } from '../../../../utils/personas/personas-api'

const host = (version: number, instructions: string): KeptPersona => ({ ...personaSettings.parse({ name: 'Host', instructions }), id: 'host', version, answeredBy: { engine: 'built-in' }, tokensThisHour: 0, shipped: true })

describe('[AGT-8] editing a persona', () => {
  const server = shallowRef<KeptPersona>()
  const save = vi.fn<PersonasApi['save']>()
  const edit = () => effectScope().run(() => usePersonaEditor({
    api: { save } as Partial<PersonasApi> as PersonasApi,
    persona: () => server.value,
    onSaved: persona => server.value = persona,
    onOutdated: () => server.value = host(5, 'Theirs.'),
  }))!

  beforeEach(() => {
    server.value = host(4, 'Old.')
    save.mockReset().mockImplementation(async (id, settings, version) => ({ ...host(version + 1, ''), ...settings, id }))
  })

  it('saves on top of the version it began with', async () => {
    const editor = edit()
    editor.form.value.instructions = 'Mine.'
    expect(editor.isDirty.value).toBe(true)
    await editor.save()
    expect(save).toHaveBeenCalledWith('host', expect.objectContaining({ instructions: 'Mine.' }), 4)
    expect([editor.isDirty.value, editor.isStale.value, server.value?.version]).toEqual([false, false, 5])
  })

  it('keeps what was written when somebody was faster, and saves it when told to', async () => {
    const editor = edit()
    editor.form.value.instructions = 'Mine.'
    save.mockRejectedValueOnce(new ChatError({ code: 'conflict', message: 'version: there is a newer one', retryable: false }))
    await editor.save()
    expect([editor.form.value.instructions, editor.isStale.value, editor.problem.value]).toEqual(['Mine.', true, 'There is a newer one.'])
    editor.keep()
    expect([editor.isStale.value, editor.isDirty.value]).toEqual([false, true])
    await editor.save()
    expect(save).toHaveBeenLastCalledWith('host', expect.objectContaining({ instructions: 'Mine.' }), 5)
  })

  it('shows what others saved where nothing was written, and offers it where something was', async () => {
    const editor = edit()
    server.value = host(5, 'Theirs.')
    await nextTick()
    expect([editor.form.value.instructions, editor.isStale.value]).toEqual(['Theirs.', false])
    editor.form.value.instructions = 'Mine.'
    server.value = host(6, 'Again.')
    await nextTick()
    expect([editor.form.value.instructions, editor.isStale.value]).toEqual(['Mine.', true])
    editor.discard()
    expect([editor.form.value.instructions, editor.isStale.value, editor.isDirty.value]).toEqual(['Again.', false, false])
  })

  it('keeps what was written of one that was deleted, and can make it anew', async () => {
    const editor = edit()
    editor.form.value.instructions = 'Mine.'
    server.value = undefined
    await nextTick()
    expect([editor.form.value.instructions, editor.isStale.value]).toEqual(['Mine.', true])
    editor.keep()
    await editor.save()
    expect(save).toHaveBeenCalledWith('host', expect.objectContaining({ instructions: 'Mine.' }), 0)
  })

  it('sends nothing that is wrong, and blames no field before it was touched or saved', async () => {
    server.value = undefined
    const editor = edit()
    expect(editor.errors.value).toEqual({})
    editor.form.value.temperature = 9
    expect(Object.keys(editor.errors.value)).toEqual(['temperature'])
    await editor.save()
    expect(Object.keys(editor.errors.value).sort()).toEqual(['id', 'name', 'temperature'])
    expect(save).not.toHaveBeenCalled()
  })
})
