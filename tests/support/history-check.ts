import type { ClientHistory, History, Send } from './history'
import type { StoredMessage, StoredRoom } from './stored-log'
import { checkView } from './history-views'

/**
 * Proves that what the clients did and saw agrees with what the database holds: acked sends are there exactly once and where the
 * ack said, unknown ones at most once, failed ones never; every `seq` from 1 to the head is there; each client
 * applied a run of the log in order; each one's messages stand in the order they were sent; all ended equal.
 *
 * @returns one sentence for each violation; none when everything holds
 */
export function checkHistory(history: History, rooms: ReadonlyMap<string, StoredRoom>): string[] {
  const found: string[] = []
  for (const room of rooms.values()) found.push(...checkLog(room))
  for (const client of history.clients) {
    found.push(...checkSends(client, rooms), ...checkOrder(client, rooms))
    for (const name of new Set([...client.views.keys(), ...client.finals.keys()])) {
      const room = rooms.get(name)
      if (room) found.push(...checkView(client, room))
      else found.push(`${client.name}: saw room ${name}, which the database does not know`)
    }
  }
  return [...found, ...checkAuthors(history, rooms)]
}

/**
 * Proves that nothing that was written is still unknown: each send that was not refused is stored. True at rest, where the clients keep
 * what they could not send and try again.
 *
 * @returns one sentence for each message that is lost
 */
export function checkDelivered(history: History, rooms: ReadonlyMap<string, StoredRoom>): string[] {
  return history.clients.flatMap(client => client.sends
    .filter(send => !send.failed && storedOf(client, send, rooms).length === 0)
    .map(send => `${client.name}: ${send.clientMsgId} was written in ${send.room} and never stored`))
}

function checkLog({ name, head, entries, messages }: StoredRoom): string[] {
  const found: string[] = []
  const counts = countBy(entries, entry => entry.seq)
  for (let seq = 1; seq <= head; seq++) {
    const count = counts.get(seq) ?? 0
    if (count !== 1) found.push(`log of ${name}: ${count === 0 ? 'no entry' : `${count} entries`} at seq ${seq} of ${head}`)
  }
  for (const { seq } of entries) {
    if (seq < 1 || seq > head) found.push(`log of ${name}: an entry at seq ${seq}, but the head is ${head}`)
  }
  const byId = new Map(entries.filter(entry => entry.type === 'message.new').map(entry => [entry.messageId, entry.seq]))
  for (const { messageId, seq } of messages) {
    if (byId.get(messageId) !== seq) found.push(`log of ${name}: message ${messageId} stands at seq ${seq}, its entry ${byId.has(messageId) ? `at ${byId.get(messageId)}` : 'nowhere'}`)
  }
  return found
}

function checkSends(client: ClientHistory, rooms: ReadonlyMap<string, StoredRoom>): string[] {
  const found: string[] = []
  for (const send of client.sends) {
    const stored = storedOf(client, send, rooms)
    const what = `${client.name}: ${send.clientMsgId} in ${send.room}`
    if (stored.length > 1) found.push(`${what} is stored ${stored.length} times, at seq ${stored.map(message => message.seq).join(', ')}`)
    if (send.acks.length > 0 && stored.length === 0) found.push(`${what} was acked at seq ${send.acks[0]?.seq} and is not stored`)
    if (send.acks.length === 0 && send.failed && stored.length > 0) found.push(`${what} was refused and is stored at seq ${stored[0]?.seq}`)
    for (const { seq, messageId } of send.acks) {
      const [first] = stored
      if (first && first.seq !== seq) found.push(`${what} was acked at seq ${seq} and stands at ${first.seq}`)
      if (first && messageId !== undefined && first.messageId !== messageId) found.push(`${what} was acked as ${messageId} and is ${first.messageId}`)
    }
    for (const message of stored) {
      if (message.untouched && message.text !== send.text) found.push(`${what} was sent as ${quoted(send.text)} and is stored as ${quoted(message.text)} at seq ${message.seq}`)
    }
  }
  return found
}

/** Each one's messages stand in the order they were sent. */
function checkOrder(client: ClientHistory, rooms: ReadonlyMap<string, StoredRoom>): string[] {
  const found: string[] = []
  const newest = new Map<string, { seq: number, id: string }>()
  for (const send of client.sends) {
    const [stored] = storedOf(client, send, rooms)
    if (!stored) continue
    const before = newest.get(send.room)
    if (before && stored.seq < before.seq) found.push(`${client.name}: ${send.clientMsgId} was sent after ${before.id} and stands before it in ${send.room}, at seq ${stored.seq} and ${before.seq}`)
    else newest.set(send.room, { seq: stored.seq, id: send.clientMsgId })
  }
  return found
}

/** Nothing is in a room that nobody sent. */
function checkAuthors(history: History, rooms: ReadonlyMap<string, StoredRoom>): string[] {
  const sent = new Set(history.clients.flatMap(client => client.sends.map(send => key(send.room, client.userId, send.clientMsgId))))
  return [...rooms.values()].flatMap(room => room.messages
    .filter(message => !sent.has(key(room.name, message.userId, message.clientMsgId ?? '')))
    .map(message => `log of ${room.name}: nobody sent what stands at seq ${message.seq}`))
}

function storedOf(client: ClientHistory, send: Send, rooms: ReadonlyMap<string, StoredRoom>): StoredMessage[] {
  const messages = rooms.get(send.room)?.messages ?? []
  return messages.filter(message => message.clientMsgId === send.clientMsgId && message.userId === client.userId)
}

function key(...parts: string[]): string {
  return parts.join('\n')
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}

function countBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, number> {
  const counts = new Map<K, number>()
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1)
  return counts
}
