/** What is said of sessions and of what this browser keeps. */
export const storage = {
  sessionEnded: 'Your session has run out. Give your name to go on; the room and what was said in it are still there, and what you wrote and had not sent is in its field.',
  noCookies: 'This browser keeps no cookies for this site, so it cannot stay signed in. Allow cookies for it and try again.',
  forbidden: 'This browser keeps nothing for this site',
  forbiddenHint: 'Writing, calling and reading work. Drafts, messages that wait and how far you read are forgotten when this page closes.',
}
