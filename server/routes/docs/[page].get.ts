import pages from '#docs'
import { renderDocPage, themed } from '../../docs/render'

/** Each page as it is sent; there are no more than were built in. */
const rendered = new Map<string, string>()

/** A page of the docs, to which answers of the built-in engine lead. */
export default defineEventHandler((event) => {
  const name = getRouterParam(event, 'page') ?? ''
  const html = rendered.get(name) ?? renderDocPage(pages, name)
  if (html === undefined) throw createError({ statusCode: 404, statusMessage: 'No such page' })
  rendered.set(name, html)
  setResponseHeaders(event, {
    'content-type': 'text/html; charset=utf-8',
    'vary': 'Cookie',
    'content-security-policy': 'default-src \'none\'; style-src \'unsafe-inline\'; img-src \'self\'; base-uri \'none\'; form-action \'none\'; frame-ancestors \'self\'',
  })
  return themed(html, getRequestHeader(event, 'cookie'))
})
