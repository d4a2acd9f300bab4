import { addVitePlugin, createResolver, defineNuxtModule } from 'nuxt/kit'

/** Parts of the kit that every page has, and that take a few small functions of VueUse: all of it is one module, which would come along. */
const SMALL = /\/(?:@nuxt\/ui\/dist\/runtime\/(?:components\/(?:Icon|Input|Link)\.vue|composables\/useFormField\.js|utils\/link\.js)|reka-ui\/dist\/shared\/useForwardExpose\.js)(?:\?|$)/

/** Leaves out of the pages' scripts what they carry for nothing. */
export default defineNuxtModule({
  meta: { name: 'lastra-slim' },
  setup(_options, nuxt) {
    const shim = createResolver(import.meta.url).resolve('../utils/shims/vueuse.ts')
    nuxt.hook('app:resolve', (app) => {
      for (const plugin of app.plugins) {
        // The palette stands in the page the server renders, and never changes: no browser needs to make it again.
        if (plugin.src.includes('@nuxt/ui/') && plugin.src.includes('plugins/colors')) plugin.mode = 'server'
      }
    })
    addVitePlugin({
      name: 'lastra-small-vueuse',
      enforce: 'pre',
      resolveId: (source, importer) => source === '@vueuse/core' && importer && SMALL.test(importer) ? shim : undefined,
    }, { server: false })
    addVitePlugin({
      name: 'lastra-vue-by-name',
      transform(code, id) {
        // Whether Vue has a `useId` is asked of the whole of Vue, which is then kept whole.
        if (!id.includes('reka-ui/dist/shared/useId')) return
        return { code: code.replace('import * as vue from "vue"', 'import { useId as vueUseId } from "vue"').replace('"useId" in vue', 'true').replaceAll('vue.useId?.()', 'vueUseId()'), map: null }
      },
    }, { server: false })
  },
})
