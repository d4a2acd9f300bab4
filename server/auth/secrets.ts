import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Kysely } from 'kysely'
import type { Database } from '../db/schema'
import { CannotStart } from '../storage/cannot-start'
import { writeDurably } from '../storage/write-durably'

/** What only this server knows. */
export interface Secrets {
  /** Signs tokens (HS256). */
  tokenSecret: string
  /** Derives peer ids from peer keys. */
  peerSecret: string
}

/**
 * Reads the server's secrets, making them at the first start. The file is readable by its owner alone.
 *
 * @throws when the file exists but is damaged: new secrets would sign everyone out without a word
 */
export function loadSecrets(file: string): Secrets {
  if (!existsSync(file)) makeSecrets(file)
  chmodSync(file, 0o600)
  return checked(readSecrets(file), file)
}

/** What nodes keep in their database. */
const KEY = 'secrets'

/**
 * Reads the secrets that all nodes of a database have in common; the first one makes them.
 *
 * @throws CannotStart when they are damaged: new ones would sign everyone out without a word
 */
export async function loadSharedSecrets(db: Kysely<Database>): Promise<Secrets> {
  await shareSecrets(db, newSecrets())
  const { value } = await db.selectFrom('settings').select('value').where('key', '=', KEY).executeTakeFirstOrThrow()
  return checked(parsed(value, 'the row "secrets" of the table "settings"'), 'the row "secrets" of the table "settings"')
}

/** Gives all nodes of a database these secrets, unless they have some. */
export async function shareSecrets(db: Kysely<Database>, secrets: Secrets): Promise<void> {
  const made = { key: KEY, value: JSON.stringify(secrets), updated_by: 'server', updated_at: new Date().toISOString() }
  await db.insertInto('settings').values(made).onConflict(conflict => conflict.doNothing()).execute()
}

function readSecrets(file: string): Partial<Secrets> {
  return parsed(readFileSync(file, 'utf8'), file)
}

function parsed(text: string, where: string): Partial<Secrets> {
  try {
    return JSON.parse(text) as Partial<Secrets>
  } catch (error) {
    if (error instanceof SyntaxError) throw damaged(where)
    throw error
  }
}

function checked({ tokenSecret, peerSecret }: Partial<Secrets>, where: string): Secrets {
  if (typeof tokenSecret !== 'string' || typeof peerSecret !== 'string' || tokenSecret.length < 32 || peerSecret.length < 32) throw damaged(where)
  return { tokenSecret, peerSecret }
}

function damaged(where: string): CannotStart {
  return new CannotStart(`[auth] ${where} is damaged: restore it, or delete it to sign everyone out`)
}

function makeSecrets(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeDurably(file, JSON.stringify(newSecrets(), null, 2), 0o600)
}

function newSecrets(): Secrets {
  return { tokenSecret: randomBytes(32).toString('base64url'), peerSecret: randomBytes(32).toString('base64url') }
}
