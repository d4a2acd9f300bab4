export type CallShortcut = 'mic' | 'camera' | 'screen' | 'hand' | 'layout' | 'fullscreen' | 'help'

const KEYS: Readonly<Record<string, CallShortcut>> = { 'm': 'mic', 'v': 'camera', 's': 'screen', 'h': 'hand', 'l': 'layout', 'f': 'fullscreen', '?': 'help' }

export interface KeyPress {
  key: string
  /** The key's place, named after the letter it has on an American keyboard. */
  code: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
}

/** What a key writes; on a layout of other letters, such as Cyrillic, Greek or Hebrew, what stands in its place on a Latin one. */
export function letterOf({ key, code }: KeyPress): string {
  const isForeign = /^\p{L}$/u.test(key) && !/^\p{Script=Latin}$/u.test(key)
  const place = isForeign ? /^Key([A-Z])$/.exec(code)?.[1] : undefined
  return (place ?? key).toLowerCase()
}

/** What a key asks for; undefined for none, and for anything with a modifier, which is the browser's. */
export function shortcutFor(event: KeyPress): CallShortcut | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined
  const key = letterOf(event)
  return Object.hasOwn(KEYS, key) ? KEYS[key] : undefined
}

/** Whether keys pressed here write text, so that no shortcut may take them. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable) return true
  return target.matches('input:not([type=range]):not([type=checkbox]):not([type=radio]):not([type=button]), textarea, select, [role=textbox], [role=combobox]')
}
