import { join } from 'node:path'
import { build } from 'esbuild'
import { root } from '../scripts/build.mjs'

/**
 * Puts a program together from the product's own sources.
 *
 * @param {string} source a TypeScript file
 * @param {string} name what to call the program
 * @returns {Promise<string>} where it is
 */
export async function bundle(source, name) {
  const outfile = join(root, 'node_modules/.cache/lastra-bench', `${name}.mjs`)
  await build({
    entryPoints: [source], outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20', packages: 'external',
    alias: { '#shared': join(root, 'shared') }, logLevel: 'error',
  })
  return outfile
}
