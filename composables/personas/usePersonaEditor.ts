import type { ComputedRef, Ref } from 'vue'
import { computed, ref, watch } from 'vue'
import type { PersonaSettings } from '#shared/protocol/persona'
import type { FormErrors, PersonaForm, ReadForm } from '../../utils/personas/persona-form'
import { formOf, readForm, sameForm } from '../../utils/personas/persona-form'
import type { KeptPersona, PersonasApi } from '../../utils/personas/personas-api'

export interface UsePersonaEditorOptions {
  api: PersonasApi
  /** The persona as the server has it; undefined for a new one, and for one that was deleted. */
  persona: () => KeptPersona | undefined
  /** Told what was stored. */
  onSaved: (persona: KeptPersona) => void
  /** Told that the server has something else than `persona` by now. */
  onOutdated: () => unknown
}

export interface UsePersonaEditorReturn {
  form: Ref<PersonaForm>
  read: ComputedRef<ReadForm>
  /** What is wrong with fields, as far as it is time to say so. */
  errors: ComputedRef<FormErrors>
  isDirty: ComputedRef<boolean>
  /** Somebody stored or deleted a version since the one this form began with. */
  isStale: ComputedRef<boolean>
  isBusy: Ref<boolean>
  /** Why it could not be stored, in words. */
  problem: Ref<string>
  save: () => Promise<void>
  /** Stores other settings than the form's, such as an old version's. */
  store: (settings: PersonaSettings) => Promise<void>
  /** Goes back to what the server has. */
  discard: () => void
  /** Goes on with the form on top of what the server has. */
  keep: () => void
}

/** Edits one persona: a copy in a form, which knows the version it was made from. Nothing written is lost to another's save. */
export function usePersonaEditor({ api, persona, onSaved, onOutdated }: UsePersonaEditorOptions): UsePersonaEditorReturn {
  const began = persona()
  const form = ref(formOf(began?.id, began))
  const clean = ref(formOf(began?.id, began))
  const base = ref(began?.version ?? 0)
  const isBusy = ref(false)
  const problem = ref('')
  const tried = ref(false)
  const read = computed(() => readForm(form.value))
  const isDirty = computed(() => !sameForm(form.value, clean.value))
  const isStale = computed(() => !isBusy.value && (persona()?.version ?? 0) !== base.value)

  const errors = computed(() => {
    const { errors } = read.value
    if (tried.value) return errors
    // A field that was not touched yet is not blamed.
    return Object.fromEntries(Object.entries(errors).filter(([field]) => String(form.value[field as keyof PersonaForm]) !== String(clean.value[field as keyof PersonaForm])))
  })

  function begin(from: KeptPersona | undefined) {
    form.value = formOf(from?.id, from)
    clean.value = formOf(from?.id, from)
    base.value = from?.version ?? 0
    tried.value = false
    problem.value = ''
  }

  async function store(settings: PersonaSettings) {
    if (isBusy.value) return
    isBusy.value = true
    problem.value = ''
    try {
      const stored = await api.save(form.value.id, settings, base.value)
      begin(stored)
      onSaved(stored)
    } catch (error) {
      problem.value = (error as Error).message
      await onOutdated()
    } finally {
      isBusy.value = false
    }
  }

  async function save() {
    tried.value = true
    const { settings } = read.value
    if (settings) await store(settings)
  }

  // Where nothing was written, what others store is simply shown.
  watch(persona, now => isStale.value && !isDirty.value && now && begin(now))

  return {
    form, read, errors, isDirty, isStale, isBusy, problem, save, store,
    discard: () => begin(persona()),
    keep() {
      base.value = persona()?.version ?? 0
      problem.value = ''
    },
  }
}
