import { LIMITS } from '#shared/protocol/limits'
import type { SendBudget } from './types'

/** The most people one mesh carries: every one more costs each sender another encoding. */
export const MESH_LIMIT = LIMITS.callPlaces

/** From the best picture to the least: one rung down for every person more, and the last two for a busy computer only. */
const LADDER: readonly SendBudget[] = [
  { camera: 1_500_000, height: 720, fps: 30, screen: 2_500_000, screenFps: 30 },
  { camera: 800_000, height: 480, fps: 25, screen: 2_000_000, screenFps: 15 },
  { camera: 500_000, height: 360, fps: 25, screen: 1_500_000, screenFps: 15 },
  { camera: 300_000, height: 270, fps: 20, screen: 1_000_000, screenFps: 10 },
  { camera: 200_000, height: 180, fps: 15, screen: 800_000, screenFps: 8 },
  { camera: 120_000, height: 180, fps: 8, screen: 600_000, screenFps: 5 },
  { camera: 80_000, height: 120, fps: 7, screen: 400_000, screenFps: 3 },
]

const rungOf = (people: number) => Math.min(Math.max(people, 2), MESH_LIMIT) - 2

/**
 * What each sender may use in a call of so many people. Uploads grow with the head-count, so each one shrinks.
 *
 * @param people everyone in the call, oneself included
 * @param lowered how many rungs lower a busy computer has to go
 */
export function budgetFor(people: number, lowered = 0): SendBudget {
  return LADDER[Math.min(rungOf(people) + lowered, LADDER.length - 1)] as SendBudget
}

/** How many rungs are left for a computer that is busy in a call of so many people. */
export function rungsBelow(people: number): number {
  return LADDER.length - 1 - rungOf(people)
}

/** By how much a capture of so many lines is scaled down to fit the budget; never below 1. */
export function scaleFor(captured: number | undefined, budget: SendBudget): number {
  if (!captured || captured <= budget.height) return 1
  return captured / budget.height
}
