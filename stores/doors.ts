import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

/** Somebody who wants to be let in. */
export interface Knocking {
  readonly userId: string
  readonly userName: string
}

/** How it stands with us at a locked room. */
export type AtDoor = 'knocking' | 'turned-away'

/** Who knocks at the rooms we moderate, and where we knock ourselves (ACC-5). Only `useDoors` changes it. */
export const useDoorsStore = defineStore('doors', () => {
  const knocks = shallowRef<Readonly<Record<string, readonly Knocking[]>>>({})
  const ours = shallowRef<Readonly<Record<string, AtDoor>>>({})

  /** Somebody knocks at a room. Hearing it twice is no second knock. */
  function knocked(room: string, person: Knocking) {
    answered(room, person.userId)
    knocks.value = { ...knocks.value, [room]: [...knocks.value[room] ?? [], person] }
  }

  /** Somebody was answered, or went away. */
  function answered(room: string, userId: string) {
    knocks.value = { ...knocks.value, [room]: (knocks.value[room] ?? []).filter(person => person.userId !== userId) }
  }

  /** A room tells anew who knocks, or is left. */
  function cleared(room: string) {
    const { [room]: _, ...others } = knocks.value
    knocks.value = others
  }

  /** We knock, are turned away, or stand at the door no more. */
  function stands(room: string, how: AtDoor | undefined) {
    const { [room]: _, ...others } = ours.value
    ours.value = how ? { ...others, [room]: how } : others
  }

  return { knocks, ours, knocked, answered, cleared, stands }
})
