import type { EntryFrame } from '../protocol/server-frames'
import type { Entry, EntryOf, EntryType, Message } from './entries'

/**
 * What each entry does to something that is kept of a log: a page's room, a tail in memory, an engine's index. One function for every
 * entry there is; what keeps a log does not compile without one for a new entry.
 */
export type EntryReducers<S> = { readonly [T in EntryType]: (state: S, entry: EntryOf<T>) => S }

/** Applies one entry, replayed or live. */
export function reduceEntry<S>(reducers: EntryReducers<S>, state: S, entry: EntryFrame): S {
  const live: Entry = entry.type === 'message.replay' ? { ...entry, type: 'message.new' } : entry
  return (reducers[live.type] as (state: S, entry: Entry) => S)(state, live)
}

/** What entries change of a message. */
export type Changeable = Pick<Message, 'content' | 'edited' | 'deleted' | 'reactions' | 'attachments'>

/** The entries that change a message that is there. */
export type MessageChange = EntryOf<'message.edited'> | EntryOf<'message.deleted'> | EntryOf<'reaction'>

/** A message after an entry that is about it (LOG-5). Applying one twice changes nothing. */
export function changedMessage<M extends Changeable>(message: M, entry: MessageChange): M {
  if (entry.type === 'message.deleted' || (entry.type === 'message.edited' && entry.deleted)) return deletedMessage(message)
  if (message.deleted) return message
  if (entry.type === 'reaction') return { ...message, reactions: reacted(message.reactions, entry) }
  return entry.content ? { ...message, content: entry.content, edited: entry.timestamp } : message
}

/** A message whose text is gone, with all that hung on it. */
export function deletedMessage<M extends Changeable>(message: M): M {
  const { attachments: _attachments, reactions: _reactions, edited: _edited, ...kept } = message
  return { ...kept, content: { ...message.content, text: '' }, deleted: true } as M
}

/** Reactions with one person's added or taken back. Doing it twice changes nothing; an emoji nobody stands behind is left out. */
export function reacted(reactions: Message['reactions'], { emoji, op, userId }: Pick<EntryOf<'reaction'>, 'emoji' | 'op' | 'userId'>): Message['reactions'] {
  const people = reactions && Object.hasOwn(reactions, emoji) ? reactions[emoji]! : []
  if (op === 'add') return people.includes(userId) ? reactions : { ...reactions, [emoji]: [...people, userId] }
  const without = people.filter(id => id !== userId)
  const { [emoji]: _taken, ...others } = reactions ?? {}
  if (without.length > 0) return { ...reactions, [emoji]: without }
  return Object.keys(others).length > 0 ? others : undefined
}
