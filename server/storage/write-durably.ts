import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Writes a small file so that a crash leaves the whole of it or what was there before: beside it, synced, renamed into its
 * place, and the folder synced, which is where the name stands (POSIX rename, fsync).
 *
 * @param file its path; the folder exists
 * @param mode permissions of the file
 * @throws what the system says when it cannot be written
 */
export function writeDurably(file: string, text: string, mode: number): void {
  const beside = `${file}.new`
  withDescriptor(beside, 'w', mode, (descriptor) => {
    writeSync(descriptor, text)
    fsyncSync(descriptor)
  })
  renameSync(beside, file)
  // Windows has no descriptor of a folder, and keeps names by itself.
  if (process.platform !== 'win32') withDescriptor(dirname(file), 'r', undefined, fsyncSync)
}

function withDescriptor(path: string, flags: string, mode: number | undefined, use: (descriptor: number) => void): void {
  const descriptor = openSync(path, flags, mode)
  try {
    use(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
