import { guest } from '../scripts/lines.mjs'
import { timeOrderedId } from './protocols.mjs'
import { openRawHttp } from './raw-http.mjs'

/** Clients as in protocols.mjs, that hear by a stream of events or by polls, and speak by requests over a connection beside it. */
const NEW = Buffer.from('{"type":"message.new"')
const END = Buffer.from('{"type":"replay.end"')
const ESTABLISHED = Buffer.from('{"type":"connection.established"')
const DATA = Buffer.from('data: ')
const NEXT = Buffer.from('"next":')
const POLL_MS = 20_000

const startsWith = (bytes, start) => bytes.length >= start.length && bytes.subarray(0, start.length).equals(start)

/** Puts pieces of a stream together to events, and hands on the data of each. */
function events(onData) {
  let rest = Buffer.alloc(0)
  return (piece) => {
    const bytes = rest.length ? Buffer.concat([rest, piece]) : piece
    let at = 0
    for (let end; (end = bytes.indexOf('\n\n', at)) >= 0; at = end + 2) {
      const data = bytes.indexOf(DATA, at)
      if (data >= 0 && data < end) onData(bytes.subarray(data + DATA.length, end))
    }
    rest = Buffer.from(bytes.subarray(at))
  }
}

/** What one says goes over one connection, opened with the first word: most of a room only listen. */
function speaker(url, ask) {
  let opening
  const open = () => opening ??= openRawHttp(url)
  return {
    async say(text) {
      const { status } = await ask(await open(), text)
      if (status >= 300) throw new Error(`what was said was answered with ${status}`)
    },
    cut: () => void opening?.then(http => http.cut()),
  }
}

function lastraSpeaker(url, token, room, connectionId) {
  const headers = { 'authorization': `Bearer ${token}`, 'content-type': 'application/json' }
  return speaker(url, (http, text) => http.ask('POST', '/api/chat/frames', headers, JSON.stringify({
    connection_id: connectionId, frames: [{ type: 'chat', room, text, client_msg_id: timeOrderedId() }],
  })))
}

const client = (line, voice) => ({
  chat: text => void voice.say(text),
  said: text => voice.say(text),
  cut() {
    line.cut()
    voice.cut()
  },
  stall: line.stall,
})

async function joinLastraSse(server, room, onChat) {
  const token = await guest(server.url, 'Load')
  const http = await openRawHttp(server.url)
  let connectionId
  let caughtUp
  const joined = new Promise(resolve => caughtUp = resolve)
  await http.stream(`/api/chat/stream?room=${room}`, { authorization: `Bearer ${token}` }, events((data) => {
    if (startsWith(data, NEW)) onChat(data)
    else if (startsWith(data, ESTABLISHED)) connectionId = JSON.parse(String(data)).connection_id
    else if (startsWith(data, END)) caughtUp()
  }))
  await joined
  return client(http, lastraSpeaker(server.url, token, room, connectionId))
}

/** Each message of an answer, from where it begins to where the next one does. */
function eachMessage(body, onChat) {
  for (let at = body.indexOf(NEW); at >= 0;) {
    const next = body.indexOf(NEW, at + NEW.length)
    onChat(body.subarray(at, next < 0 ? body.length : next))
    at = next
  }
}

/** Asks again and again, until the line is cut. */
async function keepPolling(line, poll) {
  while (!line.over) await poll()
}

/** A line of polls that is told apart from a stream only by who asks for more. */
function polled(http) {
  const line = {
    over: false,
    cut() {
      line.over = true
      http.cut()
    },
    // One that does not come for its messages any more.
    stall() {
      line.over = true
    },
  }
  return line
}

async function joinLastraPolling(server, room, onChat) {
  const headers = { authorization: `Bearer ${await guest(server.url, 'Load')}` }
  const http = await openRawHttp(server.url)
  const opened = JSON.parse(String((await http.ask('POST', `/api/chat/poll?room=${room}`, headers)).body))
  const line = polled(http)
  let after = 0
  let caughtUp
  const joined = new Promise(resolve => caughtUp = resolve)
  const poll = async () => {
    const { status, body } = await http.ask('GET', `/api/chat/poll?connection_id=${opened.connection_id}&after=${after}&wait_ms=${POLL_MS}`, headers)
    if (status !== 200) throw new Error(`a poll was answered with ${status}`)
    after = Number.parseInt(body.toString('latin1', body.lastIndexOf(NEXT) + NEXT.length), 10)
    eachMessage(body, onChat)
    if (caughtUp && body.includes(END)) caughtUp = caughtUp()
  }
  void keepPolling(line, poll)
  await joined
  return client(line, lastraSpeaker(server.url, headers.authorization.slice(7), room, opened.connection_id))
}

/** nchan passes on what is published as it is. */
function nchanSpeaker(url, room) {
  return speaker(url, (http, text) => http.ask('POST', `/pub/${room}`, { 'content-type': 'application/json' }, JSON.stringify({ type: 'chat', room, text })))
}

/** @see https://nchan.io/#eventsource */
async function joinNchanSse(server, room, onChat) {
  const http = await openRawHttp(server.url)
  await http.stream(`/sse/${room}`, { accept: 'text/event-stream' }, events(onChat))
  return client(http, nchanSpeaker(server.url, room))
}

/** Each answer brings one message, and the next request names it by the time and the tag it came with. @see https://nchan.io/#long-polling */
async function joinNchanPolling(server, room, onChat) {
  const http = await openRawHttp(server.url)
  const line = polled(http)
  /** @type {Record<string, string>} */
  let from = {}
  const poll = async () => {
    const { status, head, body } = await http.ask('GET', `/poll/${room}`, from)
    if (status === 200) {
      from = { 'if-modified-since': /^last-modified: *([^\r]+)/im.exec(head)?.[1] ?? '', 'if-none-match': /^etag: *([^\r]+)/im.exec(head)?.[1] ?? '' }
      onChat(body)
    } else if (status !== 304 && status !== 408) throw new Error(`a poll was answered with ${status}`)
  }
  void keepPolling(line, poll)
  return client(line, nchanSpeaker(server.url, room))
}

export const POSTED_PROTOCOLS = { lastraSse: joinLastraSse, lastraPolling: joinLastraPolling, nchanSse: joinNchanSse, nchanPolling: joinNchanPolling }
