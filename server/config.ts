import { resolve } from 'node:path'
import type { RuntimeConfig } from 'nuxt/schema'
import type { EngineConfig } from './ai/engines'
import { parsePolicy } from './rollout/policy'
import type { TransportPolicy } from './rollout/policy'

const MEGABYTE = 1024 * 1024

/** The configuration as the server uses it: checked, with lists as lists and paths absolute. */
export interface LastraConfig {
  dataDir: string
  /** `postgres://…` of what nodes have in common; empty for an embedded database. It may hold a password. */
  databaseUrl: string
  /** Connections to it at most. */
  databaseConnections: number
  /** Where nodes tell each other what happens; empty for a single one. It may hold a password. */
  redisUrl: string
  allowedOrigins: ReadonlySet<string>
  /** Names the server answers to; none: see `auth/hosts.ts`. */
  allowedHosts: ReadonlySet<string>
  trustProxy: boolean
  guestsAllowed: boolean
  roomCreation: boolean
  operators: ReadonlySet<string>
  admins: ReadonlySet<string>
  tokenDays: number
  sessionsPerMinute: number
  drainMs: number
  limits: {
    connectionsPerUser: number
    connectionsPerAddress: number
    frameRate: number
    frameBurst: number
    chatRate: number
    chatBurst: number
    roomsPerMinute: number
  }
  /** How much may be stored, in bytes. */
  quotas: { personBytes: number, addressBytes: number, roomBytes: number }
  /** Entries of the audit trail that are kept. */
  auditEntries: number
  turn: { urls: string[], secret: string, ttlS: number }
  stunUrls: string[]
  transport: TransportPolicy
  ai: EngineConfig & { silenceMs: number }
}

/**
 * Reads Lastra's part of the runtime configuration (`nuxt.config.ts`, `NUXT_…`).
 *
 * @throws naming the variable, when a number is not one
 */
export function readConfig(raw: RuntimeConfig): LastraConfig {
  const { limits } = raw
  return {
    dataDir: resolve(String(raw.dataDir)),
    databaseUrl: address(raw.databaseUrl, 'NUXT_DATABASE_URL', ['postgres:', 'postgresql:']),
    databaseConnections: positive(raw.databaseConnections, 'NUXT_DATABASE_CONNECTIONS'),
    redisUrl: address(raw.redisUrl, 'NUXT_REDIS_URL', ['redis:', 'rediss:']),
    allowedOrigins: new Set(list(raw.allowedOrigins)),
    allowedHosts: hosts(raw.allowedHosts, raw.allowedOrigins),
    trustProxy: flag(raw.trustProxy),
    guestsAllowed: flag(raw.guestsAllowed),
    roomCreation: flag(raw.roomCreation),
    operators: new Set(list(raw.operators)),
    admins: new Set(list(raw.admins)),
    tokenDays: positive(raw.tokenDays, 'NUXT_TOKEN_DAYS'),
    sessionsPerMinute: positive(limits.sessionsPerMinute, 'NUXT_LIMITS_SESSIONS_PER_MINUTE'),
    drainMs: positive(raw.drainMs, 'NUXT_DRAIN_MS'),
    limits: {
      connectionsPerUser: positive(limits.connectionsPerUser, 'NUXT_LIMITS_CONNECTIONS_PER_USER'),
      connectionsPerAddress: positive(limits.connectionsPerAddress, 'NUXT_LIMITS_CONNECTIONS_PER_ADDRESS'),
      frameRate: positive(limits.frameRate, 'NUXT_LIMITS_FRAME_RATE'),
      frameBurst: positive(limits.frameBurst, 'NUXT_LIMITS_FRAME_BURST'),
      chatRate: positive(limits.chatRate, 'NUXT_LIMITS_CHAT_RATE'),
      chatBurst: positive(limits.chatBurst, 'NUXT_LIMITS_CHAT_BURST'),
      roomsPerMinute: positive(limits.roomsPerMinute, 'NUXT_LIMITS_ROOMS_PER_MINUTE'),
    },
    quotas: {
      personBytes: positive(limits.personMbPerDay, 'NUXT_LIMITS_PERSON_MB_PER_DAY') * MEGABYTE,
      addressBytes: positive(limits.addressMbPerDay, 'NUXT_LIMITS_ADDRESS_MB_PER_DAY') * MEGABYTE,
      roomBytes: positive(limits.roomMb, 'NUXT_LIMITS_ROOM_MB') * MEGABYTE,
    },
    auditEntries: positive(limits.auditEntries, 'NUXT_LIMITS_AUDIT_ENTRIES'),
    turn: { urls: list(raw.turn.urls), secret: String(raw.turn.secret), ttlS: positive(raw.turn.ttlS, 'NUXT_TURN_TTL_S') },
    stunUrls: list(raw.stun.urls),
    transport: transportPolicy(raw.public.transport),
    ai: {
      baseUrl: String(raw.ai.baseUrl),
      key: String(raw.ai.key),
      model: String(raw.ai.model),
      openaiKey: String(raw.ai.openaiKey),
      anthropicKey: String(raw.ai.anthropicKey),
      googleKey: String(raw.ai.googleKey),
      silenceMs: positive(raw.ai.silenceMs, 'NUXT_AI_SILENCE_MS'),
    },
  }
}

/** @throws naming the variable alone: what is in it may be secret */
function address(value: unknown, name: string, protocols: readonly string[]): string {
  const url = String(value ?? '').trim()
  if (url !== '' && (!URL.canParse(url) || !protocols.includes(new URL(url).protocol))) throw new Error(`[config] ${name} must be a ${protocols.map(protocol => `${protocol}//`).join(' or ')} address`)
  return url
}

function transportPolicy(value: unknown): TransportPolicy {
  try {
    return parsePolicy(String(value ?? ''))
  } catch (error) {
    throw new Error(`[config] NUXT_PUBLIC_TRANSPORT: ${(error as Error).message}`, { cause: error })
  }
}

function list(value: unknown): string[] {
  return String(value ?? '').split(',').map(item => item.trim()).filter(item => item !== '')
}

/** Names as they are compared: without scheme and port, in lower case; what is an origin of ours by configuration may also be asked for. */
function hosts(names: unknown, origins: unknown): ReadonlySet<string> {
  const given = list(names).map(name => name.toLowerCase().replace(/^https?:\/\//, '').replace(/(?::\d+)?\/?$/, ''))
  return new Set(given.length === 0 ? [] : [...given, ...list(origins).filter(origin => URL.canParse(origin)).map(origin => new URL(origin).hostname)])
}

function flag(value: unknown): boolean {
  return value === true || value === 'true' || value === 1 || value === '1'
}

function positive(value: unknown, name: string): number {
  const number = Number(value)
  if (!Number.isFinite(number) || number <= 0) throw new Error(`[config] ${name} must be a number above 0, not "${String(value)}"`)
  return number
}
