import { onScopeDispose, shallowRef, watch } from 'vue'
import type { ShallowRef } from 'vue'
import { openPipWindow, pipKind } from '~/utils/call/pip'

export interface UseCallPipOptions {
  /** The video to show where only a video can be. */
  video: () => HTMLVideoElement | null | undefined
  isMicOn: () => boolean
  toggleMic: () => void
  leave: () => void
}

export interface UseCallPipReturn {
  /** Whether this browser has it at all. */
  canPip: boolean
  /** Whether the call floats over other windows. */
  isOpen: Readonly<ShallowRef<boolean>>
  /** The page of the small window, where there is one to fill. */
  page: Readonly<ShallowRef<HTMLElement | undefined>>
  /** Opens or closes it. Only in a click. */
  toggle: () => Promise<void>
}

const SIZE = { width: 384, height: 288 }

/** Shows the call over other windows, so that one can mute and leave from wherever one works. */
export function useCallPip({ video, isMicOn, toggleMic, leave }: UseCallPipOptions): UseCallPipReturn {
  const kind = pipKind()
  const isOpen = shallowRef(false)
  const page = shallowRef<HTMLElement>()
  let opened: Window | undefined
  let shown: HTMLVideoElement | undefined

  function closed() {
    isOpen.value = false
    page.value = undefined
    opened = shown = undefined
  }

  function close() {
    opened?.close()
    if (shown && document.pictureInPictureElement === shown) document.exitPictureInPicture().catch(() => undefined)
    closed()
  }

  async function open() {
    if (kind === 'document') {
      opened = await openPipWindow(SIZE)
      opened.addEventListener('pagehide', closed, { once: true })
      page.value = opened.document.body
    } else {
      const one = video()
      if (!one) return
      await one.requestPictureInPicture()
      one.addEventListener('leavepictureinpicture', closed, { once: true })
      shown = one
    }
    isOpen.value = true
  }

  // The one video has the browser's own buttons, where it offers them.
  if (kind === 'video' && 'mediaSession' in navigator) {
    const actions = { togglemicrophone: toggleMic, hangup: leave }
    const listen = (isOn: boolean) => {
      for (const [action, handler] of Object.entries(actions)) {
        try {
          navigator.mediaSession.setActionHandler(action as MediaSessionAction, isOn ? handler : null)
        } catch {
          // An action this browser does not know.
        }
      }
    }
    watch(isOpen, listen)
    watch([isOpen, isMicOn], () => void (navigator.mediaSession as { setMicrophoneActive?: (on: boolean) => unknown }).setMicrophoneActive?.(isMicOn()))
  }
  onScopeDispose(close)

  return {
    canPip: kind !== undefined,
    isOpen,
    page,
    toggle: async () => isOpen.value ? close() : open().catch(closed),
  }
}
