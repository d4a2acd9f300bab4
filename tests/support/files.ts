import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Which files below a folder hold a text, byte for byte: the database, its write-ahead log, its rollback
 * journal, logs, blobs.
 *
 * @returns the files' paths
 */
export async function filesWith(folder: string, text: string): Promise<string[]> {
  const needle = Buffer.from(text)
  const found: string[] = []
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    if ((await readFile(path)).includes(needle)) found.push(path)
  }
  return found
}
