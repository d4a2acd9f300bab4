import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
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
  const { tokenSecret, peerSecret } = readSecrets(file)
  if (typeof tokenSecret !== 'string' || typeof peerSecret !== 'string' || tokenSecret.length < 32 || peerSecret.length < 32) throw damaged(file)
  return { tokenSecret, peerSecret }
}

function readSecrets(file: string): Partial<Secrets> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<Secrets>
  } catch (error) {
    if (error instanceof SyntaxError) throw damaged(file)
    throw error
  }
}

function damaged(file: string): CannotStart {
  return new CannotStart(`[auth] ${file} is damaged: restore it, or delete it to sign everyone out`)
}

function makeSecrets(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const secrets: Secrets = { tokenSecret: randomBytes(32).toString('base64url'), peerSecret: randomBytes(32).toString('base64url') }
  writeDurably(file, JSON.stringify(secrets, null, 2), 0o600)
}
