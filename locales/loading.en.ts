/** What is said when a part of a page did not come. */
export const loading = {
  failed: 'A part of this page could not be loaded',
  failedHint: 'The server cannot be reached. Try again when the connection is back.',
  again: 'Load again',
}
