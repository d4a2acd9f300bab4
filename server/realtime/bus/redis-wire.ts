import { Redis } from 'ioredis'
import { MESSAGE_CHARACTERS } from './messages'

/** What may be on its way to Redis, in characters: what is beyond is not sent, and found in the database. */
const WAITING_CHARACTERS = 32 * 1024 * 1024
/** A Redis that does not answer for so long is as good as gone. */
const COMMAND_MS = 3_000
const CONNECT_MS = 3_000
/** What is said to all in one turn of the event loop goes together, in so many characters at most. */
const TOGETHER_CHARACTERS = 1024 * 1024
const RETRY_MS = { first: 100, most: 2_000 }

export interface RedisWireOptions {
  /** `redis://…` or `rediss://…`. */
  url: string
  /** Where this node listens. */
  channels: readonly string[]
  onMessage: (text: string) => void
  /** All channels are heard again. */
  onUp: () => void
  /** @param reason without anything secret */
  onDown: (reason: string) => void
}

/**
 * Two connections to Redis: one speaks, one listens. What cannot be sent now is not kept for later: a message that comes late would be
 * wrong, and nothing depends on it.
 */
export class RedisWire {
  isUp = false
  private isListening = false
  private readonly publisher: Redis
  private readonly subscriber: Redis
  private waiting = 0
  private isClosing = false
  /** What was said in this turn of the event loop, by channel. */
  private readonly said = new Map<string, { texts: string[], characters: number }>()

  constructor(private readonly options: RedisWireOptions) {
    const retryStrategy = (times: number): number => Math.min(RETRY_MS.first * 2 ** Math.min(times, 10), RETRY_MS.most)
    const common = { retryStrategy, connectTimeout: CONNECT_MS, enableOfflineQueue: false, maxRetriesPerRequest: 1, autoResubscribe: false, keepAlive: 10_000 }
    this.publisher = new Redis(options.url, { ...common, commandTimeout: COMMAND_MS })
    this.subscriber = new Redis(options.url, common)
    this.publisher.on('ready', () => this.check())
    this.subscriber.on('ready', () => void this.listen())
    // JSON has no line breaks of its own.
    this.subscriber.on('message', (_channel: string, texts: string) => texts.split('\n').forEach(text => options.onMessage(text)))
    for (const redis of [this.publisher, this.subscriber]) {
      redis.on('error', (error: Error) => this.down(error.message))
      redis.on('close', () => this.down('the connection was closed'))
    }
  }

  /**
   * Sends what may be lost, with all that is said to the same channel in this turn of the event loop: for each alone, Redis and every node
   * would wake up.
   */
  say(channel: string, text: string): void {
    if (text.length > MESSAGE_CHARACTERS) return
    const together = this.said.get(channel)
    if (together && together.characters + text.length <= TOGETHER_CHARACTERS) {
      together.texts.push(text)
      together.characters += text.length
      return
    }
    this.flush(channel)
    if (this.said.size === 0) setImmediate(() => this.flushAll())
    this.said.set(channel, { texts: [text], characters: text.length })
  }

  /**
   * Sends to whoever listens to a channel, after what was said to it before.
   *
   * @returns how many that are, this node among them
   * @throws when Redis cannot be reached, with nothing of the text in the error
   */
  async publish(channel: string, text: string): Promise<number> {
    if (text.length > MESSAGE_CHARACTERS) throw new Error('the message is too long')
    this.flush(channel)
    return this.send(channel, text)
  }

  private async send(channel: string, text: string): Promise<number> {
    if (!this.isUp) throw new Error('Redis cannot be reached')
    if (this.waiting > WAITING_CHARACTERS) throw new Error('Redis does not keep up')
    this.waiting += text.length
    try {
      return await this.publisher.publish(channel, text)
    } catch (error) {
      // An error of the client holds the command with all of its text.
      throw new Error(error instanceof Error ? error.message : 'Redis refused')
    } finally {
      this.waiting -= text.length
    }
  }

  /** Connects anew: nothing is heard, although nothing was closed. */
  reconnect(reason: string): void {
    this.isListening = false
    this.down(reason)
    this.subscriber.disconnect(true)
    this.publisher.disconnect(true)
  }

  close(): void {
    this.isClosing = true
    this.isUp = false
    this.publisher.disconnect()
    this.subscriber.disconnect()
  }

  private flushAll(): void {
    for (const channel of [...this.said.keys()]) this.flush(channel)
  }

  private flush(channel: string): void {
    const together = this.said.get(channel)
    if (!together) return
    this.said.delete(channel)
    this.send(channel, together.texts.join('\n')).catch(() => undefined)
  }

  private async listen(): Promise<void> {
    try {
      await this.subscriber.subscribe(...this.options.channels)
      this.isListening = true
      this.check()
    } catch (error) {
      if (!this.isClosing && this.subscriber.status === 'ready') this.reconnect(error instanceof Error ? error.message : 'not subscribed')
    }
  }

  private check(): void {
    if (this.isUp || this.isClosing || !this.isListening || this.publisher.status !== 'ready') return
    this.isUp = true
    this.options.onUp()
  }

  private down(reason: string): void {
    if (this.subscriber.status !== 'ready') this.isListening = false
    if (this.isClosing || (this.isListening && this.publisher.status === 'ready')) return
    this.isUp = false
    this.options.onDown(reason)
  }
}
