import { join } from 'node:path'
import { loadSecrets } from '../../server/auth/secrets'
import { openDatabase } from '../../server/db/client'
import { compareTranscripts, moveToPostgres } from '../../server/db/move'
import { lockFolder } from '../../server/storage/folder-lock'
import { DATABASE_FILE, SECRETS_FILE } from '../../server/storage/intact'

/**
 * Moves a data folder to PostgreSQL.
 *
 * @returns the exit code: 0 only where every transcript is equal
 */
export async function main(folder: string, target: string): Promise<number> {
  try {
    return await move(folder, target)
  } catch (error) {
    console.error(`nothing was moved: ${(error as Error).message}`)
    return 1
  }
}

async function move(folder: string, target: string): Promise<number> {
  const lock = await lockFolder(folder)
  const from = await openDatabase(join(folder, DATABASE_FILE), { used: true, onUpgrade: step => console.log(`bringing the folder up to date: ${step}`) })
  const to = await openDatabase(target)
  try {
    const copied = await moveToPostgres(from, to, loadSecrets(join(folder, SECRETS_FILE)))
    for (const { table, rows } of copied) console.log(`${table.padEnd(16)} ${rows}`)
    const { rooms, different } = await compareTranscripts(from, to)
    if (different.length > 0) {
      console.error(`the transcripts of ${different.length} of ${rooms} rooms differ, for example ${different.slice(0, 5).join(', ')}: do not use this database`)
      return 1
    }
    console.log(`moved: the transcripts of all ${rooms} rooms are equal. Start the server with NUXT_DATABASE_URL now; ${folder} is as it was.`)
    return 0
  } finally {
    await Promise.all([from.close(), to.close()])
    lock.release()
  }
}
