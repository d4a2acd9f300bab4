import type { ComputedRef, InjectionKey } from 'vue'
import { computed, inject, provide } from 'vue'
import { mentionOrder, mentionPattern } from '#shared/text/mentions'
import type { Mentionable } from '../utils/mentions'
import type { RoomView } from '../utils/room-view'

const KEY: InjectionKey<ComputedRef<RegExp | undefined>> = Symbol('mentions')

/** Everyone who can be named in a room: its people, and the bots that are on. */
export function mentionables({ members, bots }: Pick<RoomView, 'members' | 'bots'>): Mentionable[] {
  return [
    ...bots.filter(bot => bot.enabled).map(bot => ({ handle: bot.id, name: bot.name, userId: `bot:${bot.id}`, bot: true, avatar: bot.avatar })),
    ...members.filter(member => member.role !== 'bot').map(member => ({ handle: member.name, name: member.name, userId: member.userId, bot: false })),
  ]
}

/** Lets the texts below mark whom they name. They are laid out again only when somebody new can be named. */
export function provideMentions(view: () => Pick<RoomView, 'members' | 'bots'>): void {
  const handles = computed(() => {
    const all = mentionables(view())
    const named = (bot: boolean) => all.filter(one => one.bot === bot).map(one => one.handle)
    return [...new Set(mentionOrder(named(true), named(false)))].join('\n')
  })
  provide(KEY, computed(() => mentionPattern(handles.value.split('\n'))))
}

/** What finds mentions in a text; undefined where nobody can be named. */
export function useMentions(): ComputedRef<RegExp | undefined> {
  return inject(KEY, () => computed(() => undefined), true)
}
