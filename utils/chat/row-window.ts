/** What a list lays out: rows that are told apart by their keys. */
export interface Keyed { readonly key: string }

/** Where a row stands: its upper edge, in pixels below the upper edge of the view. */
export interface Place { readonly key: string, readonly offset: number }

/** Rows laid out one below the other. */
export interface Layout {
  readonly rows: readonly Keyed[]
  /** Where each row begins, in pixels from the first; one more entry says where the last one ends. */
  readonly tops: Float64Array
  readonly indexOf: ReadonlyMap<string, number>
}

/**
 * Lays rows out by what was measured of them.
 *
 * @param heights pixels by key, of the rows that were drawn before
 * @param guess pixels for every other row
 */
export function layOut(rows: readonly Keyed[], heights: ReadonlyMap<string, number>, guess: number): Layout {
  const tops = new Float64Array(rows.length + 1)
  const indexOf = new Map<string, number>()
  rows.forEach((row, index) => {
    tops[index + 1] = tops[index]! + (heights.get(row.key) ?? guess)
    indexOf.set(row.key, index)
  })
  return { rows, tops, indexOf }
}

/** The row at a height, in pixels from the first row; the nearest one beyond both ends, -1 where there is none. */
export function rowAt({ rows, tops }: Layout, y: number): number {
  let low = 0
  let high = rows.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (tops[middle]! <= y) low = middle
    else high = middle - 1
  }
  return high < 0 ? -1 : low
}

/** The rows that show between two heights: the first, and the one after the last. */
export function rowsBetween(layout: Layout, from: number, to: number): readonly [first: number, end: number] {
  if (layout.rows.length === 0) return [0, 0]
  return [rowAt(layout, from), rowAt(layout, to) + 1]
}

/**
 * The place to hold after rows have changed: the same row, or, where it is gone, the next one that is left, or else the one
 * before, where that stood. Undefined when none is left.
 */
export function placeAfter(place: Place, before: Layout, after: Layout): Place | undefined {
  if (after.indexOf.has(place.key)) return place
  const at = before.indexOf.get(place.key)
  if (at === undefined) return undefined
  const left = ({ key }: Keyed) => after.indexOf.has(key)
  const next = before.rows.findIndex((row, index) => index > at && left(row))
  const index = next < 0 ? before.rows.slice(0, at).findLastIndex(left) : next
  return index < 0 ? undefined : { key: before.rows[index]!.key, offset: place.offset + before.tops[index]! - before.tops[at]! }
}
