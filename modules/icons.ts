import { createRequire } from 'node:module'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { addComponent, addTemplate, createResolver, defineNuxtModule } from 'nuxt/kit'
import { iconSheet } from './icons/sheet'

/** Where the product names icons. */
const SOURCES = ['components', 'pages', 'composables', 'utils', 'stores', 'locales', 'app.vue', 'error.vue']

function textOf(path: string): string {
  const entries = (() => {
    try {
      return readdirSync(path, { withFileTypes: true })
    } catch {
      return undefined
    }
  })()
  return entries ? entries.map(entry => textOf(join(path, entry.name))).join('\n') : readFileSync(path, 'utf8')
}

/**
 * Icons as part of the stylesheet: those the product and its kit name, drawn as masks. No script draws, looks up or loads one, and none
 * comes after the first paint. Takes the place of the kit's own way, which brings a library into every page.
 */
export default defineNuxtModule({
  meta: { name: 'lastra-icons' },
  setup(_options, nuxt) {
    const { resolve } = createResolver(import.meta.url)
    const { dst } = addTemplate({
      filename: 'icons.css',
      write: true,
      getContents() {
        const set = createRequire(import.meta.url)('@iconify-json/lucide/icons.json')
        const kit = JSON.stringify((nuxt.options.appConfig as { ui?: { icons?: unknown } }).ui?.icons ?? {})
        return iconSheet(SOURCES.map(path => textOf(join(nuxt.options.rootDir, path))).join('\n') + kit, set)
      },
    })
    // Last, so that the order of layers is the main stylesheet's.
    nuxt.options.css.push(dst)
    addComponent({ name: 'Icon', filePath: resolve('./icons/StyledIcon.ts'), priority: 10 })
    nuxt.hook('app:resolve', (app) => {
      app.plugins = app.plugins.filter(({ src }) => !src.includes('@nuxt/icon/'))
    })
  },
})
