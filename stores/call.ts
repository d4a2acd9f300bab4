import { defineStore } from 'pinia'
import { ref } from 'vue'

/** Whether this tab is in the call, as far as the room page needs to know. */
export const useCallStore = defineStore('call', () => {
  const phase = ref<'idle' | 'prejoin' | 'joining' | 'active' | 'leaving'>('idle')

  /** Shows what others would see and hear, before joining. */
  function openPrejoin() {
    if (phase.value === 'idle') phase.value = 'prejoin'
  }

  /** Goes back to the room without joining. */
  function cancelPrejoin() {
    if (phase.value === 'prejoin') phase.value = 'idle'
  }

  /** Goes back into the call this tab was in before a reload. */
  function restore(_room: string): boolean {
    return false
  }

  return { phase, openPrejoin, cancelPrejoin, restore }
})
