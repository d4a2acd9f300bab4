import type { SendBudget } from './types'

/** The most people one mesh carries: every one more costs each sender another encoding. */
export const MESH_LIMIT = 6

const BUDGETS: readonly SendBudget[] = [
  { camera: 1_500_000, height: 720, fps: 30, screen: 2_500_000 },
  { camera: 800_000, height: 480, fps: 25, screen: 2_000_000 },
  { camera: 500_000, height: 360, fps: 25, screen: 1_500_000 },
  { camera: 300_000, height: 270, fps: 20, screen: 1_000_000 },
  { camera: 200_000, height: 180, fps: 15, screen: 800_000 },
]

/**
 * What each sender may use in a call of so many people. Uploads grow with the head-count, so each one shrinks.
 *
 * @param people everyone in the call, oneself included
 */
export function budgetFor(people: number): SendBudget {
  const index = Math.min(Math.max(people, 2), MESH_LIMIT) - 2
  return BUDGETS[index] as SendBudget
}

/** By how much a capture of so many lines is scaled down to fit the budget; never below 1. */
export function scaleFor(captured: number | undefined, budget: SendBudget): number {
  if (!captured || captured <= budget.height) return 1
  return captured / budget.height
}
