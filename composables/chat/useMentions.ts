import type { ComputedRef, InjectionKey } from 'vue'
import { computed, inject, provide } from 'vue'
import { botHandles, handleOf } from '#shared/text/bot-handles'
import { mentionOrder, mentionPattern } from '#shared/text/mention-pattern'
import type { Mentionable } from '../../utils/chat/mentions'
import type { RoomView } from '../../utils/room/room-view'

const KEY: InjectionKey<ComputedRef<RegExp | undefined>> = Symbol('mentions')

/** Everyone who can be named in a room: its people, and the bots that are on. */
export function mentionables({ members, bots }: Pick<RoomView, 'members' | 'bots'>): Mentionable[] {
  const listening = bots.filter(bot => bot.enabled)
  const handles = botHandles(listening)
  return [
    ...listening.map(bot => ({ handle: handleOf(bot, handles), name: bot.name, userId: `bot:${bot.id}`, bot: true, avatar: bot.avatar, description: bot.description })),
    ...members.filter(member => member.role !== 'bot').map(member => ({ handle: member.name, name: member.name, userId: member.userId, bot: false })),
  ]
}

/** Lets the texts below mark whom they name. They are laid out again only when somebody new can be named. */
export function provideMentions(view: () => Pick<RoomView, 'members' | 'bots'>): void {
  const handles = computed(() => {
    const { bots, members } = view()
    const people = mentionables({ members, bots: [] }).map(one => one.handle)
    return [...new Set(mentionOrder([...botHandles(bots.filter(bot => bot.enabled)).keys()], people))].join('\n')
  })
  provide(KEY, computed(() => mentionPattern(handles.value.split('\n'))))
}

/** What finds mentions in a text; undefined where nobody can be named. */
export function useMentions(): ComputedRef<RegExp | undefined> {
  return inject(KEY, () => computed(() => undefined), true)
}
