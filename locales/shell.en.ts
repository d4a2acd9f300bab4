/** Strings of the room's shell: what stands around stage and chat. Functions take what a translation may need to place. */
export const shellEn = {
  hideSide: 'Hide chat and people',
  chat: 'Chat',
  people: 'People',
  /** What stands behind a tab's name. */
  unread: (count: number) => `${count > 99 ? '99+' : count}`,
  unreadLabel: (count: number) => count === 1 ? '1 new message' : `${count} new messages`,
  fullscreen: 'Full screen',
  leaveFullscreen: 'Leave full screen',
}
