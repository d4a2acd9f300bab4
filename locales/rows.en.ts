/** What the rows of the message list say, beside the chat's own strings. */
export const rows = {
  task: (done: boolean) => done ? 'Done' : 'Not done',
  copyLink: 'Copy link to this message',
  linkCopied: 'Link copied',
}
