import type { Transaction } from 'kysely'
import { ProtocolError } from '#shared/protocol/errors'
import type { Entry, Message } from '#shared/protocol/frames'
import { LIMITS } from '#shared/protocol/limits'
import type { WordStore } from '../db/dialects'
import type { Database, EntryRow, MessageRow, NewMessage } from '../db/schema'
import { listErasure } from './eraser'
import { formsOf } from './emoji-form'
import { idempotencyKey, messageRow } from './message-row'
import { renderEntry, renderMessage } from './render'
import { bytesOf } from './quota'
import { ROW_BYTES, erasableBytes } from './sizes'
import type { RoomState } from './statements'
import type { Append, AppendChange, AppendMessage, AppendRoom, Appended } from './types'

/** What one append came to: done, or refused without harm to the others of its transaction. */
export type Outcome = Appended | ProtocolError

/**
 * Appends to one room inside a transaction that may hold other rooms' appends too. `seq` comes from the room's own row,
 * which the transaction holds, so it has no gap and no double (LOG-1). It goes through its appends in order: a run of messages,
 * which the transaction writes together with those of other rooms, then a change, then the next run.
 */
export class RoomWriter {
  /** What was stored, in `seq` order. */
  readonly stored: Entry[] = []
  /** What the appends came to, in their order. */
  readonly outcomes: Outcome[] = []
  readonly state: RoomState

  /**
   * @param state where the room stands before; a copy of it is advanced
   * @param most bytes the room may keep
   */
  constructor(
    private readonly trx: Transaction<Database>,
    private readonly words: WordStore,
    state: RoomState,
    private readonly now: string,
    private readonly appends: readonly Append[],
    private readonly most = Infinity,
  ) {
    this.state = { ...state }
  }

  get isDone(): boolean {
    return this.outcomes.length === this.appends.length
  }

  /** The messages that come next, up to the next change. */
  nextMessages(): AppendMessage[] {
    const run: AppendMessage[] = []
    for (let i = this.outcomes.length; i < this.appends.length; i++) {
      const append = this.appends[i]
      if (append?.type !== 'message') break
      run.push(append)
    }
    return run
  }

  /**
   * Takes a run of messages into the log.
   *
   * @param known what the same authors stored earlier under the same client ids, by idempotency key
   * @param threads the rooms of the messages that a thread may begin with
   * @returns the rows to write
   */
  addMessages(run: readonly AppendMessage[], known: Map<string, Appended>, threads: ReadonlyMap<string, string>): NewMessage[] {
    const rows: NewMessage[] = []
    for (const append of run) {
      const key = append.clientMsgId === undefined ? undefined : idempotencyKey(this.state.id, append.userId, append.clientMsgId)
      const first = key === undefined ? undefined : known.get(key)
      if (first) {
        this.outcomes.push({ ...first, duplicate: true })
        continue
      }
      if (append.threadId !== undefined && threads.get(append.threadId) !== this.state.id) {
        this.outcomes.push(new ProtocolError('not_found', 'thread_id: no such message to answer in a thread'))
        continue
      }
      if (this.isFull(append)) {
        this.outcomes.push(full())
        continue
      }
      const row = messageRow(append, this.state.id, ++this.state.head, this.now)
      this.state.last_at = this.now
      this.grow(ROW_BYTES + erasableBytes(row as MessageRow))
      rows.push(row)
      const entry = this.push(renderMessage(this.state.name, row as MessageRow))
      const appended: Appended = { seq: row.seq, messageId: row.id, clientMsgId: append.clientMsgId, timestamp: this.now }
      if (key !== undefined) known.set(key, appended)
      this.outcomes.push({ ...appended, entry })
    }
    return rows
  }

  /** Makes the change that comes next, if one does. */
  async makeChange(): Promise<void> {
    const append = this.appends[this.outcomes.length]
    if (append && append.type !== 'message') this.outcomes.push(await this.change(append).catch(refusal))
  }

  private async change(append: AppendChange | AppendRoom): Promise<Appended> {
    if (this.isFull(append)) throw full()
    switch (append.type) {
      case 'edit': return this.edit(append)
      case 'delete': return this.erase(append)
      case 'reaction': return this.react(append)
      case 'clear': return this.clear(append)
      case 'bot': return this.toggle(append)
      case 'room': return this.update(append)
      case 'call': return this.call(append)
    }
  }

  private async edit({ userId, moderator, messageId, text }: AppendChange & { type: 'edit' }): Promise<Appended> {
    const row = await this.target(messageId, userId, moderator)
    // A repeat, as of one whose answer was lost.
    if (row.text === text) return { messageId, timestamp: this.now, duplicate: true }
    this.grow(Buffer.byteLength(text) - Buffer.byteLength(row.text))
    await this.trx.updateTable('messages').set({ text, edited_at: this.now }).where('n', '=', row.n).execute()
    await this.words.put(this.trx, [{ ...row, text }])
    if (row.user_id !== userId) await this.audit(userId, 'message.edit', { messageId })
    const message = renderMessage(this.state.name, { ...row, text, edited_at: this.now })
    return this.entry('message.edited', userId, messageId, {}, message)
  }

  private async erase({ userId, moderator, messageId }: AppendChange & { type: 'delete' }): Promise<Appended> {
    const row = await this.target(messageId, userId, moderator)
    this.grow(-erasableBytes(row))
    await this.trx.updateTable('messages').set({ text: '', attachments: null, metadata: '{}', state: 'deleted' }).where('n', '=', row.n).execute()
    await this.trx.deleteFrom('reactions').where('message_id', '=', messageId).execute()
    if (row.user_id !== userId) await this.audit(userId, 'message.delete', { messageId })
    return this.entry('message.deleted', userId, messageId, {})
  }

  private async react({ userId, messageId, emoji, op }: AppendChange & { type: 'reaction' }): Promise<Appended> {
    await this.target(messageId, userId, true)
    if (op === 'add') await this.boundReactions(messageId, userId)
    const changed = op === 'add'
      ? await this.trx.insertInto('reactions').values({ message_id: messageId, emoji, user_id: userId, created_at: this.now })
          .onConflict(conflict => conflict.doNothing()).executeTakeFirst().then(result => result.numInsertedOrUpdatedRows)
      : await this.trx.deleteFrom('reactions').where('message_id', '=', messageId).where('emoji', 'in', formsOf(emoji)).where('user_id', '=', userId)
          .executeTakeFirst().then(result => result.numDeletedRows)
    if (!changed) return { messageId, timestamp: this.now, duplicate: true }
    return this.entry('reaction', userId, messageId, { emoji, op })
  }

  private async boundReactions(messageId: string, userId: string): Promise<void> {
    const given = await this.trx.selectFrom('reactions').select(({ fn }) => fn.countAll<number>().as('count'))
      .where('message_id', '=', messageId).where('user_id', '=', userId).executeTakeFirstOrThrow()
    if (given.count >= LIMITS.reactionsPerUser) throw new ProtocolError('conflict', `emoji: at most ${LIMITS.reactionsPerUser} reactions a person to one message`)
  }

  private async clear({ userId, userName }: AppendRoom & { type: 'clear' }): Promise<Appended> {
    await listErasure(this.trx, this.state.id, this.state.floor)
    // Gone for everybody with that; the words are erased afterwards, a piece at a time. What stays is a row of each.
    this.state.floor = this.state.head
    this.state.bytes = Math.min(this.state.bytes, this.state.head * ROW_BYTES)
    await this.audit(userId, 'room.clear', { floor_seq: this.state.floor })
    return this.entry('clear', userId, null, { userName, floor_seq: this.state.floor })
  }

  private async toggle({ userId, userName, bot, enabled }: AppendRoom & { type: 'bot' }): Promise<Appended> {
    const row = await this.trx.selectFrom('room_bots').select('enabled').where('room_id', '=', this.state.id).where('bot', '=', bot).executeTakeFirst()
    if ((row?.enabled === 1) === enabled) return { timestamp: this.now, duplicate: true }
    await this.trx.insertInto('room_bots').values({ room_id: this.state.id, bot, enabled: Number(enabled) })
      .onConflict(conflict => conflict.columns(['room_id', 'bot']).doUpdateSet({ enabled: Number(enabled) })).execute()
    await this.audit(userId, 'bot.toggle', { bot, enabled })
    return this.entry('bot-toggle', userId, null, { userName, bot, enabled })
  }

  private async call({ userId, userName, state }: AppendRoom & { type: 'call' }): Promise<Appended> {
    const { call_since } = await this.trx.selectFrom('rooms').select('call_since').where('id', '=', this.state.id).executeTakeFirstOrThrow()
    if ((call_since !== null) === (state === 'started')) return { timestamp: this.now, duplicate: true }
    await this.trx.updateTable('rooms').set({ call_since: state === 'started' ? this.now : null }).where('id', '=', this.state.id).execute()
    // No entry: what passes in a call takes no `seq` (PRS-1). It is told by a line of its own.
    if (state === 'started') await this.trx.insertInto('room_calls').values({ room_id: this.state.id, started_at: this.now, started_by: userId, starter_name: userName, ended_at: null }).execute()
    else await this.trx.updateTable('room_calls').set({ ended_at: this.now }).where('room_id', '=', this.state.id).where('ended_at', 'is', null).execute()
    return { timestamp: this.now }
  }

  private async update({ userId, userName, title, locked, listed, member }: AppendRoom & { type: 'room' }): Promise<Appended> {
    const room = { ...(title !== undefined && { title }), ...(locked !== undefined && { locked: Number(locked) }), ...(listed !== undefined && { listed: Number(listed) }) }
    if (Object.keys(room).length > 0) await this.trx.updateTable('rooms').set(room).where('id', '=', this.state.id).execute()
    if (member) {
      const change = {
        ...(member.role !== undefined && { role: member.role }),
        ...(member.muted !== undefined && { muted: Number(member.muted) }),
        ...(member.removed !== undefined && { removed: Number(member.removed) }),
      }
      const result = await this.trx.updateTable('room_members').set(change).where('room_id', '=', this.state.id).where('user_id', '=', member.userId).executeTakeFirst()
      if (Number(result.numUpdatedRows) === 0) throw new ProtocolError('not_found', 'userId: is not a member of this room')
    }
    const payload = { userName, title, locked, listed, member }
    await this.audit(userId, 'room.update', { title: title !== undefined || undefined, locked, listed, member: member && { ...member, name: undefined } })
    return this.entry('room.updated', userId, null, payload)
  }

  /** The live message an append is about, if the user may change it. */
  private async target(messageId: string, userId: string, moderator: boolean): Promise<MessageRow> {
    const row = await this.trx.selectFrom('messages').selectAll().where('id', '=', messageId).where('room_id', '=', this.state.id).executeTakeFirst()
    if (!row || row.state !== 'live' || row.seq <= this.state.floor) throw new ProtocolError('not_found', 'messageId: no such message in this room')
    if (row.user_id !== userId && !moderator) throw new ProtocolError('forbidden', 'messageId: only its author or a moderator may change it')
    return row
  }

  private async entry(type: string, userId: string, messageId: string | null, payload: object, message?: Message): Promise<Appended> {
    const row = this.entryRow(type, this.state.head + 1, userId, messageId, payload)
    await this.trx.insertInto('entries').values(row).execute()
    this.grow(ROW_BYTES)
    this.state.head = row.seq
    const entry = this.push(renderEntry(this.state.name, row, message))
    return { entry, seq: row.seq, ...(messageId !== null && { messageId }), timestamp: this.now }
  }

  /** Whether an append is too much for the room. What takes something away never is. */
  private isFull(append: Append): boolean {
    const bytes = bytesOf(append)
    return bytes > 0 && this.state.bytes + bytes > this.most
  }

  private grow(bytes: number): void {
    this.state.bytes = Math.max(0, this.state.bytes + bytes)
  }

  private push(entry: Entry): Entry {
    this.stored.push(entry)
    return entry
  }

  private entryRow(type: string, seq: number, userId: string, messageId: string | null, payload: object): EntryRow {
    return { room_id: this.state.id, seq, type, message_id: messageId, user_id: userId, payload: JSON.stringify(payload), created_at: this.now }
  }

  private async audit(userId: string, action: string, detail: object): Promise<void> {
    await this.trx.insertInto('audit').values({ org_id: this.state.org_id, room_id: this.state.id, user_id: userId, action, detail: JSON.stringify(detail), created_at: this.now }).execute()
  }
}

function full(): ProtocolError {
  return new ProtocolError('conflict', 'room: it keeps as much as a room may; a moderator can clear it')
}

function refusal(error: unknown): ProtocolError {
  if (error instanceof ProtocolError) return error
  throw error
}
