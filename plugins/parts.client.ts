import { defineNuxtPlugin, useState } from '#imports'
import { inUse, isUnasked, unwaited, warm } from '~/utils/app/warm'

/**
 * Parts of a page are fetched when they are wanted. Whoever uses a page finds them there when the server no longer is: all that can be
 * wanted is fetched in quiet moments after the page is of use. Of one that does not come, a sentence says so; pressing again tries again.
 */
export default defineNuxtPlugin((nuxtApp) => {
  const missing = useState('part-missing', () => 0)
  nuxtApp.hook('app:chunkError', ({ error }) => {
    setTimeout(() => !isUnasked(error) && missing.value++)
  })

  async function fetchParts() {
    await inUse()
    const [{ startChat }, { parts, partsOfWriting }] = await unwaited(Promise.all([import('~/utils/app/start-chat'), import('~/utils/app/parts')]))
    // Sessions are renewed and shared between tabs on every page that is looked at.
    startChat(nuxtApp)
    await warm(partsOfWriting, { atOnce: true })
    performance.mark('writing-there')
    await warm(parts)
    performance.mark('parts-there')
  }
  nuxtApp.hook('app:mounted', () => void fetchParts().catch(() => undefined))
})
