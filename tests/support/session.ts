import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkAnswer } from './contract'
import type { TestServer } from './server'

/** A guest with both proofs of who they are. */
export interface TestUser {
  id: string
  name: string
  role: string
  /** The `Cookie` header's value. */
  cookie: string
  /** The signed token, for `Authorization: Bearer` and for `auth`. */
  token: string
}

let made = 0

/** A name no other test uses, for rooms and the like. Matches the rule for room names (ROOM-1). */
export function unique(prefix: string): string {
  made++
  return `${prefix}-${made}-${Math.random().toString(36).slice(2, 8)}`
}

/**
 * Makes a guest as a browser's first visit does: `POST /api/session` (CON-2).
 *
 * @throws when the server refuses
 */
export async function createUser(server: Pick<TestServer, 'url'>, name = 'Ann'): Promise<TestUser> {
  const response = await fetch(`${server.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  })
  if (!response.ok) throw new Error(`POST /api/session: ${response.status} ${await response.text()}`)
  const { user, token } = await response.json() as { user: { id: string, name: string, role: string }, token: string }
  const cookie = response.headers.getSetCookie().map(line => line.split(';', 1)[0]).join('; ')
  return { ...user, cookie, token }
}

/** Reads a JSON route as a user, or as nobody. */
export async function get(server: Pick<TestServer, 'url'>, path: string, user?: Pick<TestUser, 'token'>): Promise<{ status: number, headers: Headers, body: unknown }> {
  const response = await fetch(`${server.url}${path}`, { headers: user ? { authorization: `Bearer ${user.token}` } : {} })
  const text = await response.text()
  const body = text ? parse(text) : undefined
  checkAnswer('GET', path, response.status, body)
  return { status: response.status, headers: response.headers, body }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** A token's claims. */
export interface Claims {
  sub: string
  name: string
  iat: number
  exp: number
}

/** Reads a token's claims without checking its signature. */
export function claimsOf(token: string): Claims {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Claims
}

/**
 * Signs a token as the server does: HS256 with the secret in its data directory. The way for tests to hold
 * tokens that have run out, and for an operator's own backend to act for its users.
 *
 * @param changes claims that replace those of a token issued now and valid for an hour
 */
export async function signToken(server: Pick<TestServer, 'dataDir'>, changes: Partial<Claims> & { sub: string }, secret?: string): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const key = secret ?? (JSON.parse(await readFile(join(server.dataDir, 'secrets.json'), 'utf8')) as { tokenSecret: string }).tokenSecret
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ name: 'Ann', iat: now, exp: now + 3600, ...changes })}`
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`
}
