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

/** Shapes a camera's picture may be cut to where the stage is upright, as on a phone. */
const UPRIGHT_RATIOS = [16 / 9, 4 / 3, 1, 4 / 5] as const

/**
 * The tile's shape for a stage: wide on a desktop; on an upright one whichever fills it best.
 *
 * @param count tiles
 * @param width room in pixels
 * @param height room in pixels
 * @param gap pixels between tiles
 */
export function tileRatio(count: number, width: number, height: number, gap = 8): number {
  if (height <= width) return 16 / 9
  const area = (ratio: number) => {
    const tiling = bestTiling(count, width, height, gap, ratio)
    return tiling.width * tiling.height
  }
  return UPRIGHT_RATIOS.reduce((best, ratio) => area(ratio) > area(best) ? ratio : best)
}

/** Where one tile stands, in pixels from the stage's upper left corner. */
export interface TileBox {
  left: number
  top: number
  width: number
  height: number
}

export interface ArrangeOptions {
  /** The tiles' keys in their order. */
  keys: readonly string[]
  /** The tile that has the stage; without it all are equal. */
  focus?: string
  /** The stage's size in pixels. */
  width: number
  height: number
  /**
   * The least width by height of the focus on a wide stage: a face loses its sides below it, a screen loses nothing.
   * @default 0
   */
  focusRatio?: number
  /**
   * Pixels between tiles.
   * @default 8
   */
  gap?: number
}

/**
 * Places every tile. Positions instead of nested boxes keep each video element alive through all layouts.
 *
 * @returns a box for every key, none overlapping, all within the stage
 */
export function arrange(options: ArrangeOptions): Map<string, TileBox> {
  const { keys, focus, width, height, focusRatio = 0, gap = 8 } = options
  if (focus === undefined || !keys.includes(focus) || keys.length === 1) {
    const alone = keys.length === 1 && keys[0] === focus
    return placeRows(keys, { left: 0, top: 0, width, height }, gap, alone ? width / Math.max(height, 1) : tileRatio(keys.length, width, height, gap))
  }
  const rest = keys.filter(key => key !== focus)
  const upright = height > width
  const isScreen = focusRatio === 0
  const strip = upright ? Math.min(120, height * 0.25) : Math.min(isScreen ? 200 : 260, Math.max(120, width * (isScreen ? 0.14 : 0.2)))
  const row = Math.min(140, height * 0.2)
  if (!upright && isScreen && pictureIn(width, height - row - gap) > pictureIn(width - strip - gap, height)) {
    const side = { left: 0, top: height - row, width, height: row }
    return new Map([[focus, { left: 0, top: 0, width, height: height - row - gap }], ...placeRows(rest, side, gap, 16 / 9)])
  }
  const main: TileBox = upright
    ? { left: 0, top: 0, width, height: height - strip - gap }
    : { left: 0, top: 0, width: width - strip - gap, height }
  const side: TileBox = upright
    ? { left: 0, top: height - strip, width, height: strip }
    : { left: width - strip, top: 0, width: strip, height }
  if (!upright && main.width < main.height * focusRatio) {
    const lower = Math.floor(main.width / focusRatio)
    main.top += Math.floor((main.height - lower) / 2)
    main.height = lower
  }
  return new Map([[focus, main], ...placeRows(rest, side, gap, 16 / 9)])
}

/** The pixels a screen of the usual shape has in a box. */
function pictureIn(width: number, height: number): number {
  const shown = Math.min(width, height * 16 / 9)
  return shown * shown * 9 / 16
}

/** Equal tiles in centred rows within a box. */
function placeRows(keys: readonly string[], box: TileBox, gap: number, ratio: number): Map<string, TileBox> {
  const tiling = bestTiling(keys.length, box.width, box.height, gap, ratio)
  const totalHeight = tiling.rows * tiling.height + (tiling.rows - 1) * gap
  return new Map(keys.map((key, index) => {
    const row = Math.floor(index / tiling.columns)
    const inRow = Math.min(tiling.columns, keys.length - row * tiling.columns)
    const rowWidth = inRow * tiling.width + (inRow - 1) * gap
    return [key, {
      left: Math.floor(box.left + (box.width - rowWidth) / 2 + (index % tiling.columns) * (tiling.width + gap)),
      top: Math.floor(box.top + (box.height - totalHeight) / 2 + row * (tiling.height + gap)),
      width: tiling.width,
      height: tiling.height,
    }]
  }))
}
