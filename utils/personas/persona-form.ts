import { personaId, personaSettings } from '#shared/protocol/persona'
import type { PersonaSettings } from '#shared/protocol/persona'
import { sentence } from '../connection/chat-error'

/** A persona's settings as a form holds them: what is not written is empty, and a number may be anything until it is one. */
export interface PersonaForm {
  /** The handle; asked for once. */
  id: string
  name: string
  avatar: string
  description: string
  instructions: string
  engine: PersonaSettings['engine']
  model: string
  temperature: number | string
  speaks: PersonaSettings['speaks']
  answersPerMinute: number | string
  tokensPerHour: number | string
}

export type FormErrors = Partial<Record<keyof PersonaForm, string>>

/** What a form says: settings, or what is wrong with which field. */
export interface ReadForm { settings?: PersonaSettings, errors: FormErrors }

/** A persona's settings, laid out in a form; without any, what a new one begins with. */
export function formOf(id = '', settings: PersonaSettings = personaSettings.parse({ name: 'New', instructions: '' })): PersonaForm {
  const { avatar, description, instructions, engine, model = '', temperature = '', speaks, answersPerMinute, tokensPerHour } = settings
  return { id, name: id === '' ? '' : settings.name, avatar, description, instructions, engine, model, temperature, speaks, answersPerMinute, tokensPerHour }
}

/** Reads a form by the rules the server goes by. */
export function readForm(form: PersonaForm): ReadForm {
  const { id, model, temperature, answersPerMinute, tokensPerHour, ...rest } = form
  const handle = personaId.safeParse(id)
  const parsed = personaSettings.safeParse({
    ...rest,
    ...(model.trim() !== '' && { model: model.trim() }),
    ...(temperature !== '' && { temperature: Number(temperature) }),
    answersPerMinute: numberOf(answersPerMinute),
    tokensPerHour: numberOf(tokensPerHour),
  })
  const errors: FormErrors = {}
  for (const { path, message } of [...parsed.error?.issues ?? []].reverse()) errors[path[0] as keyof PersonaForm] = sentence(message)
  if (!handle.success) errors.id = sentence(handle.error.issues[0]?.message ?? '')
  return { errors, ...(parsed.success && handle.success && { settings: parsed.data }) }
}

/** Whether two forms say the same. */
export function sameForm(a: PersonaForm, b: PersonaForm): boolean {
  return (Object.keys(a) as (keyof PersonaForm)[]).every(field => String(a[field]) === String(b[field]))
}

/** An empty field is no number, not 0. */
function numberOf(value: number | string): number {
  return value === '' ? Number.NaN : Number(value)
}
