/** What can be thrown in during a call, in the order it is offered. */
export const REACTIONS = ['\u{1F44D}', '\u{1F44F}', '\u{2764}\u{FE0F}', '\u{1F602}', '\u{1F62E}', '\u{1F389}'] as const
export type ReactionEmoji = typeof REACTIONS[number]

/** Whether a value from outside is one of them. */
export function isReaction(value: unknown): value is ReactionEmoji {
  return REACTIONS.some(emoji => emoji === value)
}
