import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { useKept } from '../composables/app/useKept'
import type { Corner } from '~/utils/call/floating'
import { forgetCall, recallCall } from '~/utils/call/resume'
import type { CallMemory } from '~/utils/call/resume'
import { safeStorage } from '~/utils/app/storage'
import type { BrokenLink, LinkReason, LinkStatus, ParticipantState } from '~/utils/call/types'

export type CallPhase = 'idle' | 'prejoin' | 'joining' | 'active' | 'leaving'
export type CallLayout = 'grid' | 'speaker'
/** What a moderator switched off here last. */
export interface CallControl {
  /** The moderator's name. */
  by: string
  mic: boolean
  hand: boolean
}

export type CallPanel = 'none' | 'stats' | 'help'

/** One other participant as the page shows it. Tracks are not state; they stay with the call. */
export interface CallParticipant extends ParticipantState {
  peerId: string
  userId: string
  name: string
  status: LinkStatus
  reason?: LinkReason
  /** Whom this participant cannot reach. */
  broken: readonly BrokenLink[]
}

/** What a tile is pinned by: a participant's camera or screen. */
export interface PinnedTile {
  peerId: string
  source: 'cam' | 'screen'
}

/** An emoji that somebody just threw in. */
export interface Reaction {
  id: number
  /** Whose it is; `self` for one's own. */
  peerId: string
  emoji: string
}

/** How long a reaction floats, in milliseconds. */
const REACTION_MS = 4_000
/** How many of one person float at a time; what comes faster is not shown. */
const REACTIONS_EACH = 5

/** The call as the page shows it. Only {@link useCall} and intents of the page change it, through these actions. */
export const useCallStore = defineStore('call', () => {
  const phase = ref<CallPhase>('idle')
  const participants = shallowRef<readonly CallParticipant[]>([])
  const layout = ref<CallLayout>('grid')
  const panel = ref<CallPanel>('none')
  const pinned = shallowRef<PinnedTile>()
  const hand = ref(false)
  const memory = shallowRef<CallMemory>()
  /** Whether the server had no place in the call the last time it was asked for. */
  const isRefused = ref(false)
  /** What a moderator switched off during this stay, until it is put aside. */
  const control = shallowRef<CallControl>()
  /** When this stay began, in milliseconds since 1970. */
  const since = ref<number>()
  const reactions = shallowRef<readonly Reaction[]>([])
  let lastReaction = 0
  /** Where two are there: whether one's own picture floats over the other's, and in which corner. */
  const floats = ref(true)
  const corner = useKept<Corner>('lastra:self-corner', 'bottom-right')
  const isPair = computed(() => participants.value.length === 1 && !participants.value[0]?.screen)
  const isActive = computed(() => phase.value === 'active' || phase.value === 'leaving')

  /** Shows what others would see and hear, before joining. */
  function openPrejoin() {
    if (phase.value === 'idle') phase.value = 'prejoin'
  }

  /** Goes back to the room without joining. */
  function cancelPrejoin() {
    if (phase.value === 'prejoin') phase.value = 'idle'
  }

  /**
   * Goes back into the call this tab was in before a reload.
   *
   * @returns whether there was one
   */
  function restore(room: string): boolean {
    if (phase.value !== 'idle') return false
    memory.value = recallCall(room, safeStorage('session'))
    if (memory.value) phase.value = 'joining'
    return memory.value !== undefined
  }

  /** Takes the call over from another tab, with what was on there. */
  function moveHere(handover: CallMemory) {
    if (phase.value !== 'idle' && phase.value !== 'prejoin') return
    memory.value = handover
    phase.value = 'joining'
  }

  function setPhase(next: CallPhase) {
    phase.value = next
    if (next === 'active') since.value ??= memory.value?.since ?? Date.now()
    if (next === 'joining') isRefused.value = false
    if (next === 'idle') reset()
  }

  /** Nothing of a stay outlives it. */
  function reset() {
    since.value = undefined
    reactions.value = []
    participants.value = []
    panel.value = 'none'
    pinned.value = undefined
    hand.value = false
    memory.value = undefined
    isRefused.value = false
    control.value = undefined
    forgetCall(safeStorage('session'))
  }

  /** The server has no place: back to where one joins. */
  function refused() {
    reset()
    phase.value = 'prejoin'
    isRefused.value = true
  }

  /** The call may have a place again. */
  function forgive() {
    isRefused.value = false
  }

  function noteControl(next?: CallControl) {
    control.value = next
  }

  function setParticipants(next: readonly CallParticipant[]) {
    participants.value = next
    if (pinned.value && !next.some(one => one.peerId === pinned.value?.peerId)) pinned.value = undefined
  }

  function setHand(raised: boolean) {
    hand.value = raised
  }

  function setLayout(next: CallLayout) {
    layout.value = next
    pinned.value = undefined
  }

  /** The next arrangement: of two, floating or side by side; of more, grid or speaker. */
  function toggleLayout() {
    if (!isPair.value) return setLayout(layout.value === 'grid' ? 'speaker' : 'grid')
    floats.value = !floats.value
    pinned.value = undefined
  }

  /** Puts one's own floating picture into a corner, where it stays for the next call too. */
  function setCorner(next: Corner) {
    corner.value = next
  }

  /** Shows an emoji over a participant's tile for a while. */
  function addReaction(peerId: string, emoji: string) {
    if (reactions.value.filter(one => one.peerId === peerId).length >= REACTIONS_EACH) return
    const id = ++lastReaction
    reactions.value = [...reactions.value, { id, peerId, emoji }]
    setTimeout(() => {
      reactions.value = reactions.value.filter(one => one.id !== id)
    }, REACTION_MS)
  }

  /** Opens a panel, or closes it when it is open. */
  function togglePanel(which: Exclude<CallPanel, 'none'>) {
    panel.value = panel.value === which ? 'none' : which
  }

  function closePanel() {
    panel.value = 'none'
  }

  /** Pins a tile, or lets it go when it is the pinned one. */
  function togglePin(tile: PinnedTile) {
    const same = pinned.value?.peerId === tile.peerId && pinned.value.source === tile.source
    pinned.value = same ? undefined : tile
  }

  return {
    phase, participants, layout, panel, pinned, hand, isActive, isRefused, control, memory, refused, forgive, noteControl,
    since, reactions, floats, corner, isPair, toggleLayout, setCorner, addReaction,
    openPrejoin, cancelPrejoin, restore, moveHere, setPhase, setParticipants, setHand, setLayout, togglePanel, closePanel, togglePin,
  }
})
