/** What the rows of the message list say, beside the chat's own strings. */
export const rows = {
  task: (done: boolean) => done ? 'Done' : 'Not done',
  copyLink: 'Copy link to this message',
  linkCopied: 'Link copied',
  nobody: 'nobody yet',
  option: (words: string) => `. For: ${words}`,
  emojiGroups: 'Groups of emoji',
  emojiRecent: 'Used last',
  tones: 'Skin tone',
  tone: ['Without', 'Light', 'Medium light', 'Medium', 'Medium dark', 'Dark'] as const,
  emojiOffered: 'Emoji to insert',
  emojiGroup: {
    0: 'Smileys', 1: 'People', 3: 'Animals and nature', 4: 'Food and drink', 5: 'Travel and places', 6: 'Activities', 7: 'Objects', 8: 'Symbols', 9: 'Flags',
  } as Readonly<Record<number, string>>,
}
