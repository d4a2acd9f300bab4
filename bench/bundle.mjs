import { join } from 'node:path'
import { build } from 'esbuild'
import { root } from '../scripts/build.mjs'

/**
 * Puts a program together from the product's own sources.
 *
 * @param {string} source a TypeScript file
 * @param {string} name what to call the program
 * @param {Record<string, string>} [alias] packages that others stand in for
 * @returns {Promise<string>} where it is
 */
export async function bundle(source, name, alias = {}) {
  const outfile = join(root, 'node_modules/.cache/lastra-bench', `${name}.mjs`)
  await build({
    entryPoints: [source], outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20', packages: 'external',
    alias: { '#shared': join(root, 'shared'), ...alias }, logLevel: 'error',
  })
  return outfile
}
