import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureBuild, root, serverEntry } from './build.mjs'

const failed = await ensureBuild()
if (failed) process.exit(failed)

process.env.NODE_ENV ??= 'production'
// Absolute, so that the data stays in one place whatever folder the command was called from.
process.env.NUXT_DATA_DIR = resolve(root, process.env.NUXT_DATA_DIR || '.data')

// The server runs in this very process, so that a signal, a kill and the exit code are its own.
await import(pathToFileURL(serverEntry).href)
