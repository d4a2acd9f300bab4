/** How tiles are laid out: columns, rows and the size of one tile in pixels. */
export interface Tiling {
  columns: number
  rows: number
  width: number
  height: number
}

/**
 * Finds the columns that make equal tiles of one shape as large as they fit.
 *
 * @param count tiles
 * @param width room in pixels
 * @param height room in pixels
 * @param gap pixels between tiles
 * @param ratio a tile's width by its height
 * @returns the tiling; zero-sized when there is no room or no tile
 */
export function bestTiling(count: number, width: number, height: number, gap = 8, ratio = 16 / 9): Tiling {
  let best: Tiling = { columns: 1, rows: Math.max(count, 1), width: 0, height: 0 }
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns)
    const roomX = (width - gap * (columns - 1)) / columns
    const roomY = (height - gap * (rows - 1)) / rows
    if (roomX <= 0 || roomY <= 0) continue
    const tileWidth = Math.floor(Math.min(roomX, roomY * ratio))
    if (tileWidth > best.width) best = { columns, rows, width: tileWidth, height: Math.floor(tileWidth / ratio) }
  }
  return best
}

/**
 * The tile's shape for a room: wide ones on a desktop; on an upright phone few people get taller tiles, so that they
 * fill it.
 */
export function tileRatio(count: number, width: number, height: number): number {
  if (height <= width) return 16 / 9
  return count <= 2 ? 4 / 5 : 1
}
