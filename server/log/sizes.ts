import type { MessageRow } from '../db/schema'

/** What a row takes besides its text, with its places in the indexes: about as measured. */
export const ROW_BYTES = 256

/** How many bytes of a message go when it is erased: its row stays (LOG-4). */
export function erasableBytes({ text, attachments, metadata }: Pick<MessageRow, 'text' | 'attachments' | 'metadata'>): number {
  return Buffer.byteLength(text) + Buffer.byteLength(attachments ?? '') + Buffer.byteLength(metadata)
}
