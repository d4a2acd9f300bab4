import type { ComputedRef, InjectionKey } from 'vue'
import { computed, inject, provide } from 'vue'
import { toldApart } from '#shared/text/visible'
import type { RoomView } from '../../utils/room/room-view'

/** What to call somebody in front of people. */
export type NameLabel = (id: string, name: string) => string

const KEY: InjectionKey<ComputedRef<NameLabel>> = Symbol('names')

/** Names as a room shows them: people who look the same are told apart. */
export function roomNames(view: () => Pick<RoomView, 'members' | 'messages' | 'bots'>): ComputedRef<NameLabel> {
  // Compared as one text: most messages bring nobody new.
  const known = computed(() => {
    const { members, messages, bots } = view()
    return [...new Set([
      ...bots.map(({ id, name }) => `bot:${id}\n${name}`),
      ...members.map(({ userId, name }) => `${userId}\n${name}`),
      ...messages.map(({ userId, userName }) => `${userId}\n${userName}`),
    ])].join('\n\n')
  })
  return computed(() => toldApart(known.value.split('\n\n').map((pair) => {
    const [id = '', name = ''] = pair.split('\n')
    return { id, name }
  })))
}

/** Lets the rows below call people so. */
export function provideNames(view: () => Pick<RoomView, 'members' | 'messages' | 'bots'>): void {
  provide(KEY, roomNames(view))
}

/** What to call people here; their own names where nobody says otherwise. */
export function useNames(): ComputedRef<NameLabel> {
  return inject(KEY, () => computed<NameLabel>(() => (_, name) => name), true)
}
