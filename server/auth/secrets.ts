import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

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
  const { tokenSecret, peerSecret } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Secrets>
  if (typeof tokenSecret !== 'string' || typeof peerSecret !== 'string' || tokenSecret.length < 32 || peerSecret.length < 32) {
    throw new Error(`[auth] ${file} is damaged: restore it, or delete it to sign everyone out`)
  }
  return { tokenSecret, peerSecret }
}

function makeSecrets(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const secrets: Secrets = { tokenSecret: randomBytes(32).toString('base64url'), peerSecret: randomBytes(32).toString('base64url') }
  // Written beside and renamed, so that a crash never leaves half a file.
  writeFileSync(`${file}.new`, JSON.stringify(secrets, null, 2), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
