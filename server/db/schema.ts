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
  /** What it keeps on disk, about; counted since that is counted. */
  bytes: ColumnType<number, number | undefined, number>
  locked: Flag
  listed: Flag
  created_by: string
  created_at: string
  last_at: string | null
  /** When the call that is on was started; null without one. */
  call_since: Generated<string | null>
  /** The room it is a child of, and goes with (ACC-4). */
  parent_id: Generated<string | null>
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

/** What is in a room's log besides messages. */
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

/** A room that was cleared or dropped: up to which `seq` it is erased already. */
export interface ErasureTable {
  room_id: string
  done: number
}

/** Which messages the search index has, those after `since` and up to `indexed`, and by which rule their words were made. */
export interface SearchProgressTable {
  indexed: number
  since: number
  rule: string
}

/** What administrators set at run time, as JSON. */
export interface SettingTable {
  key: string
  value: string
  updated_by: string
  updated_at: string
}

export interface PersonaTable {
  org_id: string
  id: string
  version: number
  /** Everything an operator sets, as JSON. */
  settings: string
  created_by: string
  created_at: string
}

export interface RoomBotTable {
  room_id: string
  bot: string
  enabled: Flag
}

/** Answers on their way: a row goes when its message is in the log. */
export interface AiStreamTable {
  id: string
  room_id: string
  bot: string
  bot_name: string
  engine: string
  model: string | null
  user_id: string
  in_reply_to: string | null
  text: string
  started_at: string
  /** The node that gives it. */
  owner: Generated<string | null>
}

/** A session with an agent. Its title and its latest word stand in its room's row. */
export interface AgentSessionTable {
  id: string
  room_id: string
  org_id: string
  user_id: string
  agent: string
  pinned: Flag
  archived: Flag
}

/** A call that was held in a room, or is. */
export interface RoomCallTable {
  room_id: string
  started_at: string
  started_by: string
  /** The name at that time. */
  starter_name: string
  ended_at: string | null
}

/** A timer that runs. `due_at` is milliseconds since 1970. */
export interface TimerTable {
  id: string
  room_id: string
  bot: string
  user_id: string
  label: string
  due_at: number
  /** The node that is ringing it; null until then. */
  owner: Generated<string | null>
}

/** A place in a room's call, of those that several nodes give. */
export interface CallPlaceTable {
  room_id: string
  slot: number
  peer_id: string
  node: string
}

/** A node that lives, until `lease_until`, in milliseconds since 1970, unless it says so again. */
export interface NodeTable {
  id: string
  lease_until: number
}

/** Where somebody is signed in. `expires_at` is milliseconds since 1970. */
export interface SessionTable {
  id: string
  user_id: string
  created_at: string
  last_at: string
  expires_at: number
  revoked_at: string | null
}

export interface Database {
  organisations: OrganisationTable
  users: UserTable
  rooms: RoomTable
  room_members: RoomMemberTable
  messages: MessageTable
  entries: EntryTable
  /** Messages and entries in one order; to read from. */
  log: EntryTable
  reactions: ReactionTable
  erasures: ErasureTable
  search_progress: SearchProgressTable
  audit: AuditTable
  settings: SettingTable
  personas: PersonaTable
  room_bots: RoomBotTable
  ai_streams: AiStreamTable
  agent_sessions: AgentSessionTable
  timers: TimerTable
  nodes: NodeTable
  call_places: CallPlaceTable
  room_calls: RoomCallTable
  sessions: SessionTable
}

export type RoomRow = Selectable<RoomTable>
export type RoomMemberRow = Selectable<RoomMemberTable>
export type MessageRow = Selectable<MessageTable>
export type NewMessage = Insertable<MessageTable>
export type EntryRow = Selectable<EntryTable>
export type UserRow = Selectable<UserTable>
