/** The value below which a share of the values lies. */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

/** Lets time pass. */
export function pause(duration) {
  return new Promise(resolve => setTimeout(resolve, duration))
}
