/** What stands around a page of the docs. */
export const docsEn = {
  skip: 'Skip to the content',
  rooms: 'All rooms',
  pages: 'All pages',
  guide: 'For people in rooms',
  rest: 'For operators and developers',
}
