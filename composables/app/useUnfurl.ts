import { useHead } from '#imports'
import { unfurlEn } from '~/locales/unfurl.en'
import { ORIGIN_MARK } from '#shared/origin-mark'

/**
 * Says what other programs may show of a link to this page (https://ogp.me). Only in what the server sends: who reads it runs no
 * scripts.
 *
 * @param title what the page is called to somebody who is not signed in
 * @param description one sentence
 */
export function useUnfurl({ title = unfurlEn.title, description = unfurlEn.description }: { title?: string, description?: string } = {}): void {
  if (!import.meta.server) return
  const property = (name: string, content: string) => ({ property: `og:${name}`, content })
  useHead({
    meta: [
      property('site_name', unfurlEn.title),
      property('type', 'website'),
      property('title', title),
      property('description', description),
      property('image', `${ORIGIN_MARK}/og.png`),
      property('image:width', '1200'),
      property('image:height', '630'),
      { name: 'twitter:card', content: 'summary_large_image' },
    ],
  })
}
