/** What the page says where there is nothing to show. */
export const errorsEn = {
  missing: 'There is nothing at this address',
  missingText: 'The link may be mistyped, or what was here is gone. Rooms are listed on the start page.',
  busy: 'The server is busy',
  busyText: 'It answers in a moment. Nothing you wrote is lost.',
  failed: 'The server failed to show this page',
  failedText: 'Try again. If it stays like this, tell the people who run the server.',
  home: 'All rooms',
  again: 'Try again',
  status: (code: number) => `Error ${code}`,
}
