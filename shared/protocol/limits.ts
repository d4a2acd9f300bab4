/**
 * Every bound of the wire contract in one place (SPEC: FRM-5, CON-4, CON-6, RES-3, PRS-1, BP-1).
 * Sizes are bytes of UTF-8, durations are milliseconds, rates are per second.
 */
export const LIMITS = {
  frameBytes: 65_536,
  textBytes: 16_384,
  signalBytes: 49_152,
  nesting: 64,
  idLength: 64,
  nameLength: 64,
  peerKeyMin: 16,
  peerKeyMax: 128,
  badFramesInARow: 20,
  heartbeatMs: 25_000,
  silenceMs: 60_000,
  authMs: 10_000,
  expiryGraceMs: 25_000,
  typingMs: 6_000,
  presenceGraceMs: 10_000,
  mediaMemoryMs: 60_000,
  replacedAfterMs: 10_000,
  connectionsPerUser: 10,
  connectionsPerAddress: 64,
  frameRate: 30,
  frameBurst: 60,
  chatRate: 10,
  chatBurst: 20,
  signalRate: 100,
  signalBurst: 200,
  roomsPerConnection: 64,
  joinMessages: 50,
  joinMessagesMax: 256,
  replayEntries: 200,
  logPage: 500,
  historyPage: 256,
  liveTail: 256,
  conflateBytes: 64 * 1024,
  closeBytes: 1024 * 1024,
  stalledMs: 10_000,
  searchResults: 50,
  emojiLength: 32,
  reactionsPerUser: 20,
  attachments: 10,
} as const

/** WebSocket close codes the server uses (CON-5). */
export const CLOSE = {
  badFrames: 4400,
  unauthorized: 4401,
  forbidden: 4403,
  timeout: 4408,
  replaced: 4409,
  tooMany: 4429,
  tooLarge: 1009,
  restarting: 1012,
} as const

/** Close codes after which a client stops and says why; every other one reconnects (CON-5). */
export const FINAL_CLOSE_CODES: readonly number[] = [CLOSE.unauthorized, CLOSE.forbidden, CLOSE.replaced]
