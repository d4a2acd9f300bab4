import type { TileBox } from './layout'

/** Where one's own picture floats. */
export const CORNERS = ['top-left', 'top-right', 'bottom-right', 'bottom-left'] as const
export type Corner = typeof CORNERS[number]

const RATIO = 16 / 9
const UPRIGHT_RATIO = 3 / 4
const MARGIN = 12

interface Size { width: number, height: number }

/**
 * Two people: the other has the stage, oneself a corner of it.
 *
 * @param stage its size in pixels
 * @param corner where one's own picture stands
 * @returns the boxes of the other and of oneself, both within the stage
 */
export function floatingBoxes(stage: Size, corner: Corner): { other: TileBox, own: TileBox } {
  const { width, height } = stage
  const isUpright = height > width
  // On a wide stage no face is cut: not narrower than 4:3, not flatter than 16:9.
  const otherWidth = isUpright ? width : Math.min(width, Math.floor(height * RATIO))
  const otherHeight = isUpright ? height : Math.min(height, Math.floor(otherWidth * 3 / 4))
  const other = { left: Math.floor((width - otherWidth) / 2), top: Math.floor((height - otherHeight) / 2), width: otherWidth, height: otherHeight }
  const ratio = isUpright ? UPRIGHT_RATIO : RATIO
  const ownWidth = Math.floor(Math.min(isUpright ? width * 0.3 : width * 0.22, height * 0.34 * ratio, 280))
  const ownHeight = Math.floor(ownWidth / ratio)
  const [y, x] = corner.split('-')
  return {
    other,
    own: {
      left: x === 'left' ? MARGIN : width - ownWidth - MARGIN,
      top: y === 'top' ? MARGIN : height - ownHeight - MARGIN,
      width: ownWidth,
      height: ownHeight,
    },
  }
}

/** The corner nearest to a point of the stage. */
export function nearestCorner(stage: Size, point: { x: number, y: number }): Corner {
  return `${point.y < stage.height / 2 ? 'top' : 'bottom'}-${point.x < stage.width / 2 ? 'left' : 'right'}`
}

/** The corner an arrow key leads to; undefined for other keys. */
export function cornerByKey(corner: Corner, key: string): Corner | undefined {
  const [y, x] = corner.split('-') as ['top' | 'bottom', 'left' | 'right']
  switch (key) {
    case 'ArrowUp': return `top-${x}`
    case 'ArrowDown': return `bottom-${x}`
    case 'ArrowLeft': return `${y}-left`
    case 'ArrowRight': return `${y}-right`
  }
  return undefined
}

/** The corner clockwise of one. */
export function nextCorner(corner: Corner): Corner {
  return CORNERS[(CORNERS.indexOf(corner) + 1) % CORNERS.length] ?? 'bottom-right'
}
