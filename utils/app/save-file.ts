/** Lets the person keep a value as a file of JSON. */
export function saveJson(name: string, value: unknown): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(value, null, 2)], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The download has taken the bytes by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
