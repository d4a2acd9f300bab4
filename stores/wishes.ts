import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { Wish } from '../utils/room/room-wishes'
import { createWishes } from '../utils/room/wishes'

/** What was switched in a room and is not granted yet: shown at once, and the last one counts. */
export const useWishesStore = defineStore('wishes', () => {
  const wished = shallowRef<Readonly<Record<string, Wish>>>({})
  const { wish } = createWishes<Wish>((key, value) => {
    const { [key]: _, ...others } = wished.value
    wished.value = value === undefined ? others : { ...others, [key]: value }
  })

  return { wished, wish }
})
