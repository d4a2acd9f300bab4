import { describe, expect, it } from 'vitest'
import { personaSettings } from '#shared/protocol/persona'
import { formOf, readForm, sameForm } from '../../../../utils/personas/persona-form'

const POET = personaSettings.parse({ name: 'Poet', avatar: '🪶', instructions: 'Rhyme.', engine: 'openai', model: 'm', temperature: 0.5 })

describe('the form of a persona', () => {
  it('gives back what it was made from', () => {
    expect(readForm(formOf('poet', POET))).toEqual({ errors: {}, settings: POET })
    const { model: _model, temperature: _temperature, ...plain } = POET
    expect(readForm(formOf('poet', plain)).settings).toEqual(plain)
  })

  it('[AGT-8] says what is wrong under each field, by the rules of the server', () => {
    const wrong = { ...formOf('poet', POET), id: 'Not A Handle', name: '  ', avatar: 'abc', instructions: 'x'.repeat(8193), temperature: 3, answersPerMinute: '', tokensPerHour: 10.5 }
    expect(readForm(wrong)).toEqual({ errors: {
      id: 'Must be 1 to 32 of a-z, 0-9 and -, starting with a letter.',
      name: 'Must not be empty.',
      avatar: 'Must be one emoji, or one or two letters.',
      instructions: 'Must be at most 8192 characters.',
      temperature: 'Must be at most 2.',
      answersPerMinute: 'Must be a number.',
      tokensPerHour: 'Must be a whole number.',
    } })
    expect(readForm({ ...formOf('poet', POET), temperature: '0' }).settings?.temperature).toBe(0)
    expect(readForm({ ...formOf('poet', POET), temperature: '' }).settings).not.toHaveProperty('temperature')
  })

  it('knows whether something was changed, however a number is written', () => {
    const form = formOf('poet', POET)
    expect(sameForm(form, { ...form, tokensPerHour: String(form.tokensPerHour) })).toBe(true)
    expect(sameForm(form, { ...form, model: '' })).toBe(false)
  })

  it('of a new one begins empty', () => {
    expect(formOf()).toMatchObject({ id: '', name: '', instructions: '', speaks: 'mention', answersPerMinute: 12, tokensPerHour: 200_000 })
  })
})
