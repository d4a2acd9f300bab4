import { utf8Bytes } from '#shared/protocol/fields'
import type { Message } from '#shared/protocol/frames'

/**
 * The newest messages that an engine is sent: as many as fit, so that a question costs no more in a room of long messages than in
 * another (AGT-9). The newest one is always among them.
 *
 * @param messages oldest first
 * @param bytes of their texts, in UTF-8
 */
export function newestWithin(messages: readonly Message[], bytes: number): readonly Message[] {
  let left = bytes
  const tooOld = messages.findLastIndex(({ content }) => (left -= utf8Bytes(content.text)) < 0)
  return tooOld < 0 ? messages : messages.slice(Math.min(tooOld + 1, messages.length - 1))
}
