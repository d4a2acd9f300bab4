import { ProtocolError } from '#shared/protocol/errors'
import { KeyedBuckets } from '../limits/token-bucket'
import { ROW_BYTES } from './sizes'
import type { Append } from './types'

const DAY_S = 86_400
/** Buckets count in kilobytes: a day's megabytes in bytes would be many tokens for nothing. */
const UNIT = 1024

/** How much may be stored, in bytes. What is unlimited is left out. */
export interface StorageQuotas {
  /** Of one person in a day. */
  personBytes?: number
  /** Of all who write from one address in a day. */
  addressBytes?: number
  /** In one room in all. */
  roomBytes?: number
}

/**
 * What one person, and one address, may put on the disk in a day: an allowance that fills up again over the day. It is in memory, and whole
 * after a restart. Bots are bounded by their own budgets, and what takes something away is never refused.
 */
export class DailyQuota {
  private readonly people?: KeyedBuckets
  private readonly addresses?: KeyedBuckets

  constructor({ personBytes, addressBytes }: StorageQuotas, private readonly now: () => number = () => performance.now()) {
    this.people = bucketsOf(personBytes)
    this.addresses = bucketsOf(addressBytes)
  }

  /** Takes what an append will store. @throws ProtocolError `rate_limited` when the day's allowance is used up */
  take(append: Append, address?: string): void {
    const units = bytesOf(append) / UNIT
    if (units === 0 || append.userId.startsWith('bot:')) return
    refuse(this.people?.take(append.userId, this.now(), units))
    if (address !== undefined) refuse(this.addresses?.take(address, this.now(), units))
  }
}

function refuse(retryAfterMs = 0): void {
  if (retryAfterMs > 0) throw new ProtocolError('rate_limited', 'storage: as much was stored as is allowed in a day', { retryAfterMs })
}

function bucketsOf(bytes: number | undefined): KeyedBuckets | undefined {
  return bytes === undefined ? undefined : new KeyedBuckets({ perSecond: bytes / UNIT / DAY_S, burst: bytes / UNIT })
}

/** How many bytes an append puts on the disk, about; 0 for what is never refused: to take away, to moderate, to call. */
export function bytesOf(append: Append): number {
  switch (append.type) {
    case 'message': return ROW_BYTES + Buffer.byteLength(append.content.text) + lengthOf(append.attachments) + lengthOf(append.metadata)
    case 'edit': return ROW_BYTES + Buffer.byteLength(append.text)
    case 'reaction': return ROW_BYTES
    default: return 0
  }
}

function lengthOf(value: unknown): number {
  return value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value))
}
