/** How long to go on asking, and how the wait is named when it ends in vain. */
export interface WaitOptions {
  /** @default 10_000 milliseconds */
  timeout?: number
  /** @default 20 milliseconds between two attempts */
  interval?: number
  /** What was waited for, for the error. A function is asked when the wait has failed. */
  what?: string | (() => string)
}

/**
 * Asks a condition until it holds. An exception counts as "not yet".
 *
 * @returns the condition's first truthy value
 * @throws when it did not hold in time, with the condition's last exception as the cause
 */
export async function waitFor<T>(condition: () => T | Promise<T>, options: WaitOptions = {}): Promise<NonNullable<T>> {
  const { timeout = 10_000, interval = 20, what = 'the condition' } = options
  const end = performance.now() + timeout
  let cause: unknown
  for (;;) {
    try {
      const value = await condition()
      if (value) return value
      cause = undefined
    } catch (error) {
      cause = error
    }
    if (performance.now() >= end) {
      throw new Error(`waited ${timeout} ms in vain for ${typeof what === 'string' ? what : what()}`, { cause })
    }
    await pause(interval)
  }
}

/** Lets real time pass: for rules about elapsed time and between two attempts, never to wait for something. */
export function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}

/**
 * A promise with a deadline.
 *
 * @throws when it did not settle in time
 */
export async function within<T>(promise: Promise<T>, timeout: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${timeout} ms`)), timeout)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
