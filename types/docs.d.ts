/** The product's docs, taken into the server by the build. */
declare module '#docs' {
  import type { DocPage } from '~~/server/docs/pages'

  const pages: DocPage[]
  export default pages
}
