import type { Ref } from 'vue'
import { computed, ref, shallowRef } from 'vue'
import { emojiOf } from '#shared/text/emoji'
import type { EmojiEntry, Tone } from '../../utils/chat/emoji'
import { COMMON, readEmoji, toned, TONES, untoned, withRecent } from '../../utils/chat/emoji'
import { safeStorage } from '../../utils/app/storage'

export interface UseEmojiListReturn {
  /** All emoji once they are loaded; before, none. */
  all: Ref<readonly EmojiEntry[]>
  /** What this browser used last, and what people use most. */
  recent: Ref<readonly EmojiEntry[]>
  /** Loads the list, once for the whole page. It may be called again after it failed. */
  load: () => Promise<void>
  used: (emoji: string) => void
  /** The skin tone that is chosen in this browser, by its place among {@link TONES}. */
  tone: Readonly<Ref<number>>
  chooseTone: (index: number) => void
  /** An emoji in the skin tone that is chosen. */
  inTone: (emoji: string) => string
}

const KEY = 'lastra:emoji'
const TONE_KEY = 'lastra:emoji-tone'
const tone = ref(-1)
const all = shallowRef<readonly EmojiEntry[]>([])
let loading: Promise<void> | undefined

let canvas: CanvasRenderingContext2D | null | undefined

/** Whether this device draws a joined emoji as one sign, and not as its parts. */
function isDrawn(emoji: string): boolean {
  if (!emoji.includes('\u200D')) return true
  canvas ??= document.createElement('canvas').getContext('2d')
  if (!canvas) return true
  canvas.font = `20px ${getComputedStyle(document.body).fontFamily}`
  return canvas.measureText(emoji).width < 1.5 * canvas.measureText('😀').width
}

/** What is known of an emoji that was used, in whatever tone it was. */
function listed(known: ReadonlyMap<string, EmojiEntry>, emoji: string): EmojiEntry {
  const entry = known.get(emoji) ?? known.get(untoned(emoji))
  return entry ? { ...entry, emoji } : { emoji, short: [], name: emoji, words: '', group: -1 }
}

/** Every emoji there is, loaded when first asked for. */
export function useEmojiList(): UseEmojiListReturn {
  const storage = safeStorage('local')
  const last = ref((storage.getItem(KEY) ?? '').split(' ').filter(emoji => emojiOf(emoji) !== undefined))

  const recent = computed(() => {
    const known = new Map(all.value.map(entry => [entry.emoji, entry]))
    return [...new Set([...last.value, ...COMMON])].map(emoji => listed(known, emoji))
  })

  function load(): Promise<void> {
    loading ??= fetch('/emoji/en.txt').then(async (response) => {
      if (!response.ok) throw new Error(String(response.status))
      all.value = readEmoji(await response.text()).filter(({ emoji }) => isDrawn(emoji))
    }).catch(() => void (loading = undefined))
    return loading
  }

  if (tone.value < 0) tone.value = TONES[Number(storage.getItem(TONE_KEY))] === undefined ? 0 : Number(storage.getItem(TONE_KEY))
  const inTone = (emoji: string) => toned(emoji, TONES[tone.value] as Tone)

  return {
    tone,
    inTone,
    chooseTone(index) {
      tone.value = index
      storage.setItem(TONE_KEY, String(index))
    },
    all,
    recent,
    load,
    used(emoji) {
      last.value = withRecent(last.value, emoji)
      storage.setItem(KEY, last.value.join(' '))
    },
  }
}
