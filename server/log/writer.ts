import type { Transaction } from 'kysely'
import { customAlphabet } from 'nanoid'
import { ProtocolError } from '#shared/protocol/errors'
import type { Entry, Message } from '#shared/protocol/frames'
import { LIMITS } from '#shared/protocol/limits'
import type { Database, EntryRow, MessageRow, NewMessage } from '../db/schema'
import { renderEntry, renderMessage } from './render'
import type { LogStatements } from './statements'
import type { Append, AppendChange, AppendMessage, AppendRoom, Appended } from './types'

const randomPart = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 11)

/** What one append came to: done, or refused without harm to the others of its transaction. */
export type Outcome = Appended | ProtocolError

/**
 * Appends to one room inside a transaction that may hold other rooms' appends too. `seq` comes from the room's own row,
 * which the transaction holds, so it has no gap and no double (LOG-1).
 */
export class RoomWriter {
  private head = 0
  private floor = 0
  /** When somebody last said something: a new title is not news to read. */
  private lastAt: string | null = null
  private name = ''
  private orgId = ''
  private readonly stored: Entry[] = []

  private constructor(private readonly statements: LogStatements, private readonly trx: Transaction<Database>, private readonly roomId: string, private readonly now: string) {}

  /** Writes a room's appends in order. The outcomes stand in the same order; `entries` are what was stored. */
  static async write(statements: LogStatements, trx: Transaction<Database>, roomId: string, now: string, appends: readonly Append[]): Promise<{ outcomes: Outcome[], entries: Entry[] }> {
    const writer = new RoomWriter(statements, trx, roomId, now)
    const room = await statements.room(trx, roomId)
    if (!room) return { outcomes: appends.map(() => new ProtocolError('not_found', 'room: does not exist')), entries: [] }
    writer.name = room.name
    writer.orgId = room.org_id
    writer.head = room.head
    writer.floor = room.floor
    writer.lastAt = room.last_at
    const outcomes: Outcome[] = []
    for (let i = 0; i < appends.length;) {
      const run = runOfMessages(appends, i)
      if (run.length > 0) {
        outcomes.push(...await writer.messages(run))
        i += run.length
        continue
      }
      outcomes.push(await writer.change(appends[i] as AppendChange | AppendRoom).catch(refusal))
      i++
    }
    if (writer.stored.length > 0) await statements.advance(trx, { id: roomId, head: writer.head, floor: writer.floor, last_at: writer.lastAt })
    return { outcomes, entries: writer.stored }
  }

  private async messages(appends: readonly AppendMessage[]): Promise<Outcome[]> {
    const known = await this.known(appends)
    const rows: NewMessage[] = []
    const outcomes = appends.map((append): Outcome => {
      const key = append.clientMsgId === undefined ? undefined : idempotencyKey(append.userId, append.clientMsgId)
      const first = key === undefined ? undefined : known.get(key)
      if (first) return { ...first, duplicate: true }
      const row = this.messageRow(append)
      rows.push(row)
      const entry = this.push(renderMessage(this.name, row as MessageRow))
      const appended: Appended = { seq: row.seq, messageId: row.id, clientMsgId: append.clientMsgId, timestamp: this.now }
      if (key !== undefined) known.set(key, appended)
      return { ...appended, entry }
    })
    if (rows.length > 0) {
      this.lastAt = this.now
      await this.statements.insertMessages(this.trx, rows)
      await this.statements.insertEntries(this.trx, rows.map(row => this.entryRow('message.new', row.seq, row.user_id, row.id, {})))
    }
    return outcomes
  }

  /** What the same authors stored earlier under the same client ids, by idempotency key. */
  private async known(appends: readonly AppendMessage[]): Promise<Map<string, Appended>> {
    const given = appends.flatMap(({ userId, clientMsgId }) => clientMsgId === undefined ? [] : { room_id: this.roomId, user_id: userId, client_msg_id: clientMsgId })
    const rows = await this.statements.stored(this.trx, given)
    return new Map(rows.map(row => [
      idempotencyKey(row.user_id, row.client_msg_id ?? ''),
      { seq: row.seq, messageId: row.id, clientMsgId: row.client_msg_id ?? undefined, timestamp: row.created_at },
    ]))
  }

  private async change(append: AppendChange | AppendRoom): Promise<Appended> {
    switch (append.type) {
      case 'edit': return this.edit(append)
      case 'delete': return this.erase(append)
      case 'reaction': return this.react(append)
      case 'clear': return this.clear(append.userId)
      case 'bot': return this.toggle(append)
      case 'room': return this.update(append)
    }
  }

  private async edit({ userId, moderator, messageId, text }: AppendChange & { type: 'edit' }): Promise<Appended> {
    const row = await this.target(messageId, userId, moderator)
    await this.trx.updateTable('messages').set({ text, edited_at: this.now }).where('n', '=', row.n).execute()
    if (row.user_id !== userId) await this.audit(userId, 'message.edit', { messageId })
    const message = renderMessage(this.name, { ...row, text, edited_at: this.now })
    return this.entry('message.edited', userId, messageId, {}, message)
  }

  private async erase({ userId, moderator, messageId }: AppendChange & { type: 'delete' }): Promise<Appended> {
    const row = await this.target(messageId, userId, moderator)
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
      : await this.trx.deleteFrom('reactions').where('message_id', '=', messageId).where('emoji', '=', emoji).where('user_id', '=', userId)
          .executeTakeFirst().then(result => result.numDeletedRows)
    if (!changed) return { messageId, timestamp: this.now, duplicate: true }
    return this.entry('reaction', userId, messageId, { emoji, op })
  }

  private async boundReactions(messageId: string, userId: string): Promise<void> {
    const given = await this.trx.selectFrom('reactions').select(({ fn }) => fn.countAll<number>().as('count'))
      .where('message_id', '=', messageId).where('user_id', '=', userId).executeTakeFirstOrThrow()
    if (given.count >= LIMITS.reactionsPerUser) throw new ProtocolError('conflict', `emoji: at most ${LIMITS.reactionsPerUser} reactions a person to one message`)
  }

  private async clear(userId: string): Promise<Appended> {
    this.floor = this.head
    const cleared = this.trx.selectFrom('messages').select('id').where('room_id', '=', this.roomId).where('seq', '<=', this.floor)
    await this.trx.deleteFrom('reactions').where('message_id', 'in', cleared).execute()
    // The rows stay without their words: a client_msg_id must never be taken twice (LOG-4), and `seq` keeps its row.
    await this.trx.updateTable('messages').set({ text: '', attachments: null, metadata: '{}', state: 'cleared' })
      .where('room_id', '=', this.roomId).where('seq', '<=', this.floor).where('state', '!=', 'cleared').execute()
    await this.audit(userId, 'room.clear', { floor_seq: this.floor })
    return this.entry('clear', userId, null, { floor_seq: this.floor })
  }

  private async toggle({ userId, bot, enabled }: AppendRoom & { type: 'bot' }): Promise<Appended> {
    const row = await this.trx.selectFrom('room_bots').select('enabled').where('room_id', '=', this.roomId).where('bot', '=', bot).executeTakeFirst()
    if ((row?.enabled === 1) === enabled) return { timestamp: this.now, duplicate: true }
    await this.trx.insertInto('room_bots').values({ room_id: this.roomId, bot, enabled: Number(enabled) })
      .onConflict(conflict => conflict.columns(['room_id', 'bot']).doUpdateSet({ enabled: Number(enabled) })).execute()
    await this.audit(userId, 'bot.toggle', { bot, enabled })
    return this.entry('bot-toggle', userId, null, { bot, enabled })
  }

  private async update({ userId, title, locked, listed, member }: AppendRoom & { type: 'room' }): Promise<Appended> {
    const room = { ...(title !== undefined && { title }), ...(locked !== undefined && { locked: Number(locked) }), ...(listed !== undefined && { listed: Number(listed) }) }
    if (Object.keys(room).length > 0) await this.trx.updateTable('rooms').set(room).where('id', '=', this.roomId).execute()
    if (member) {
      const change = {
        ...(member.role !== undefined && { role: member.role }),
        ...(member.muted !== undefined && { muted: Number(member.muted) }),
        ...(member.removed !== undefined && { removed: Number(member.removed) }),
      }
      const result = await this.trx.updateTable('room_members').set(change).where('room_id', '=', this.roomId).where('user_id', '=', member.userId).executeTakeFirst()
      if (Number(result.numUpdatedRows) === 0) throw new ProtocolError('not_found', 'userId: is not a member of this room')
    }
    const payload = { title, locked, listed, member }
    await this.audit(userId, 'room.update', { title: title !== undefined || undefined, locked, listed, member: member && { ...member, name: undefined } })
    return this.entry('room.updated', userId, null, payload)
  }

  /** The live message an append is about, if the user may change it. */
  private async target(messageId: string, userId: string, moderator: boolean): Promise<MessageRow> {
    const row = await this.trx.selectFrom('messages').selectAll().where('id', '=', messageId).where('room_id', '=', this.roomId).executeTakeFirst()
    if (!row || row.state !== 'live' || row.seq <= this.floor) throw new ProtocolError('not_found', 'messageId: no such message in this room')
    if (row.user_id !== userId && !moderator) throw new ProtocolError('forbidden', 'messageId: only its author or a moderator may change it')
    return row
  }

  private async entry(type: string, userId: string, messageId: string | null, payload: object, message?: Message): Promise<Appended> {
    const row = this.entryRow(type, this.head + 1, userId, messageId, payload)
    await this.trx.insertInto('entries').values(row).execute()
    this.head = row.seq
    const entry = this.push(renderEntry(this.name, row, message))
    return { entry, seq: row.seq, ...(messageId !== null && { messageId }), timestamp: this.now }
  }

  private push(entry: Entry): Entry {
    this.stored.push(entry)
    return entry
  }

  private entryRow(type: string, seq: number, userId: string, messageId: string | null, payload: object): EntryRow {
    return { room_id: this.roomId, seq, type, message_id: messageId, user_id: userId, payload: JSON.stringify(payload), created_at: this.now }
  }

  private messageRow(append: AppendMessage): Omit<NewMessage, 'n'> {
    return {
      id: newMessageId(this.now),
      room_id: this.roomId,
      seq: ++this.head,
      user_id: append.userId,
      user_name: append.userName,
      client_msg_id: append.clientMsgId ?? null,
      text: append.content.text,
      content_type: append.content.type,
      actor_type: append.content.actor_type,
      format: append.content.format,
      thread_id: append.threadId ?? null,
      in_reply_to: append.inReplyTo ?? null,
      attachments: append.attachments?.length ? JSON.stringify(append.attachments) : null,
      metadata: JSON.stringify(append.metadata ?? {}),
      state: 'live',
      edited_at: null,
      created_at: this.now,
    }
  }

  private async audit(userId: string, action: string, detail: object): Promise<void> {
    await this.trx.insertInto('audit').values({ org_id: this.orgId, room_id: this.roomId, user_id: userId, action, detail: JSON.stringify(detail), created_at: this.now }).execute()
  }
}

/**
 * An id that begins with the time: ids made together stand together in their index, so that a commit writes few pages of it.
 * Its random end alone, 56 bits for each millisecond, makes it unique.
 */
function newMessageId(now: string): string {
  return Date.parse(now).toString(36).padStart(9, '0') + randomPart()
}

function runOfMessages(appends: readonly Append[], from: number): AppendMessage[] {
  const run: AppendMessage[] = []
  for (let i = from; i < appends.length; i++) {
    const append = appends[i]
    if (append?.type !== 'message') break
    run.push(append)
  }
  return run
}

function idempotencyKey(userId: string, clientMsgId: string): string {
  return `${userId}\n${clientMsgId}`
}

function refusal(error: unknown): ProtocolError {
  if (error instanceof ProtocolError) return error
  throw error
}
