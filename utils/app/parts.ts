import { fetchMarkdown } from '../../composables/chat/useMarkdown'

/** What writes, changes and lays out messages: wanted as soon as somebody uses the page, and then also where the server is gone. */
export const partsOfWriting: readonly (() => Promise<unknown>)[] = [
  () => import('../../components/room/RoomShell.vue'),
  () => import('../../components/chat/MessageToolbar.vue'),
  () => import('../../components/app/ConfirmDialog.vue'),
  fetchMarkdown,
]

/** What else a person may want of a page that it does not load at once, the likeliest first. */
export const parts: readonly (() => Promise<unknown>)[] = [
  () => import('../../components/app/AppToaster.vue'),
  () => import('./tips'),
  // Where sockets stop passing, the other transports are wanted at once.
  () => Promise.all([import('../connection/carriage/carriage'), import('../connection/carried-wire'), import('../connection/sse-wire'), import('../connection/polling-wire')]),
  () => import('../../components/chat/EmojiPicker.vue'),
  () => import('../../components/chat/EmojiList.vue'),
  () => import('../../components/app/ActionMenuDropdown.vue'),
  () => import('../../components/app/PromptDialog.vue'),
  () => import('../../components/chat/SearchPanel.vue'),
  () => import('../../components/bots/AskDialog.vue'),
  () => import('../../components/room/RoomDoor.vue'),
  () => import('../../components/room/KnockList.vue'),
  () => import('../../components/room/TransportPanel.vue'),
  () => import('../../components/help/HelpPanel.vue'),
  () => import('../../components/call/CallArea.vue'),
  () => import('../../components/call/HelpSheet.vue'),
]
