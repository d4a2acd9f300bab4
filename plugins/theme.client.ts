import { watch } from 'vue'
import { defineNuxtPlugin, useColorMode } from '#imports'
import { safeStorage } from '~/utils/app/storage'

const COOKIE = 'nuxt-color-mode'
/** As in `nuxt.config.ts` and `--ui-bg`. */
const GROUND = { light: '#ffffff', dark: '#0a0d10' }
const KEPT_S = 365 * 86_400

/**
 * Keeps the theme in a cookie: where a browser forbids storage, a cookie is not kept and nothing throws. The module's own one ends
 * with the browser and holds for one folder of addresses: this takes its place.
 */
export default defineNuxtPlugin((nuxtApp) => {
  const mode = useColorMode()

  function keep(preference: string) {
    document.cookie = `${COOKIE}=; max-age=0; samesite=lax`
    document.cookie = `${COOKIE}=${preference}; path=/; max-age=${KEPT_S}; samesite=lax`
  }

  watch(() => mode.preference, keep, { immediate: true })
  // What the browser draws around the page goes with the theme, also with one that is chosen or forced.
  watch(() => mode.value, (theme) => {
    for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) meta.content = theme === 'dark' ? GROUND.dark : GROUND.light
  }, { immediate: true })
  nuxtApp.hook('app:mounted', () => {
    // Where it was kept before.
    const storage = safeStorage('local')
    const before = storage.getItem(COOKIE)
    storage.removeItem(COOKIE)
    if (before === 'dark' || before === 'light') mode.preference = before
  })
})
