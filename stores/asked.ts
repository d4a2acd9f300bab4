import { defineStore, skipHydrate } from 'pinia'
import { shallowRef } from 'vue'
import { safeStorage } from '../utils/app/storage'

/** Questions this tab remembers. */
const KEPT = 20
const KEY = 'lastra:asked'

/** A question to a bot that is in nobody's log. */
interface Asked {
  stream: string
  userId: string
  prompt: string
}

/**
 * What this tab asked bots without writing it into the room. The others see the answer and not the question, so the server
 * gives it to nobody; who asked can have the same answered again.
 */
export const useAskedStore = defineStore('asked', () => {
  const storage = safeStorage('session')

  function read(): Asked[] {
    try {
      const held: unknown = JSON.parse(storage.getItem(KEY) ?? '[]')
      return Array.isArray(held) ? held.filter(isAsked) : []
    } catch {
      return []
    }
  }

  const asked = shallowRef<readonly Asked[]>(read())

  /** Keeps the question an answer is to; an empty one asked about what was said last. */
  function remember(stream: string, userId: string, prompt: string) {
    asked.value = [...asked.value, { stream, userId, prompt }].slice(-KEPT)
    storage.setItem(KEY, JSON.stringify(asked.value))
  }

  /** The question an answer is to, where this user asked it here. */
  function promptOf(stream: string | undefined, userId: string | undefined): string | undefined {
    return asked.value.find(one => one.stream === stream && one.userId === userId)?.prompt
  }

  // The server, which renders the page first, has no such storage: its emptiness is not to be taken over.
  return { asked: skipHydrate(asked), remember, promptOf }
})

function isAsked(value: unknown): value is Asked {
  const { stream, userId, prompt } = (value ?? {}) as Partial<Record<keyof Asked, unknown>>
  return [stream, userId, prompt].every(field => typeof field === 'string')
}
