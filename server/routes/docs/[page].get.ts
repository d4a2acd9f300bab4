import pages from '#docs'
import { renderDocPage } from '../../docs/render'

/** A page of the docs, to which answers of the built-in engine lead. */
export default defineEventHandler((event) => {
  const html = renderDocPage(pages, getRouterParam(event, 'page') ?? '')
  if (html === undefined) throw createError({ statusCode: 404, statusMessage: 'No such page' })
  setResponseHeaders(event, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': 'default-src \'none\'; style-src \'unsafe-inline\'; img-src \'self\'; base-uri \'none\'; form-action \'none\'; frame-ancestors \'self\'',
  })
  return html
})
