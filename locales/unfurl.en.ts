/** What other programs show of a link to a page. */
export const unfurlEn = {
  title: 'Lastra',
  description: 'Rooms where people talk and see each other, and nothing said is ever lost.',
  room: 'Open the link, give a name, you are in: write, talk and see each other.',
}
