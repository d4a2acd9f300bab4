/**
 * What somebody typed into a field of the server's page before its script ran. Hydration would set the field to what the
 * page believes is in it; read in a component's setup, it is kept.
 *
 * @param selector finds the field
 * @returns the text, or an empty one: on the server, and where there is no such field
 */
export function typedBefore(selector: string): string {
  if (typeof document === 'undefined') return ''
  return document.querySelector<HTMLInputElement>(selector)?.value ?? ''
}
