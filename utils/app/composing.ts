/**
 * Whether a key belongs to an input method and not to the page. Safari ends the composition first and sends the Enter that
 * ended it afterwards, told only by its key code (UI Events, 229).
 */
export function isComposing(event: Pick<KeyboardEvent, 'isComposing' | 'keyCode'>): boolean {
  return event.isComposing || event.keyCode === 229
}
