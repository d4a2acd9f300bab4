import type { ColumnType, Generated, Insertable, Selectable } from 'kysely'

/** Times are ISO 8601 UTC strings, flags are 0 or 1, JSON is text: the same on SQLite and PostgreSQL. */
type Flag = ColumnType<number, number | undefined, number>

export interface OrganisationTable {
  id: string
  name: string
  created_at: string
}

export interface UserTable {
  id: string
  org_id: string
  name: string
  role: string
  created_at: string
}

export interface RoomTable {
  id: string
  org_id: string
  name: string
  title: string
  kind: string
  epoch: string
  /** The newest entry's `seq`; 0 in an empty room. The next `seq` is taken here, in the entry's own transaction. */
  head: number
  /** Entries at or below it were cleared. */
  floor: number
  locked: Flag
  listed: Flag
  created_by: string
  created_at: string
  last_at: string | null
}

export interface RoomMemberTable {
  room_id: string
  user_id: string
  role: string
  muted: Flag
  removed: Flag
  joined_at: string
}

/** The only place where a message's text stands; log entries refer to it, so an edit or a deletion is true everywhere. */
export interface MessageTable {
  n: Generated<number>
  id: string
  room_id: string
  seq: number
  user_id: string
  user_name: string
  client_msg_id: string | null
  text: string
  content_type: string
  actor_type: string
  format: string
  thread_id: string | null
  in_reply_to: string | null
  attachments: string | null
  metadata: string
  /** `live`, `deleted` or `cleared`. */
  state: string
  edited_at: string | null
  created_at: string
}

export interface EntryTable {
  room_id: string
  seq: number
  type: string
  message_id: string | null
  user_id: string
  /** The type's own fields as JSON; never a message's text. */
  payload: string
  created_at: string
}

export interface ReactionTable {
  message_id: string
  emoji: string
  user_id: string
  created_at: string
}

export interface AuditTable {
  id: Generated<number>
  org_id: string
  room_id: string | null
  user_id: string
  action: string
  detail: string
  created_at: string
}

export interface Database {
  organisations: OrganisationTable
  users: UserTable
  rooms: RoomTable
  room_members: RoomMemberTable
  messages: MessageTable
  entries: EntryTable
  reactions: ReactionTable
  audit: AuditTable
}

export type RoomRow = Selectable<RoomTable>
export type RoomMemberRow = Selectable<RoomMemberTable>
export type MessageRow = Selectable<MessageTable>
export type NewMessage = Insertable<MessageTable>
export type EntryRow = Selectable<EntryTable>
export type UserRow = Selectable<UserTable>
