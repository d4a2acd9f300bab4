import { StorageUnavailable } from '../../../storage/guard'
import type { Fault } from '../../../storage/guard'

/** Knows whether the database can be reached, and why not. */
export interface Reach {
  /** Takes note of an error. @returns what to throw: the same one where it says nothing about the database as a whole */
  failed: (error: unknown) => unknown
  /** Takes note of an answer. */
  succeeded: () => void
  fault: () => Fault | undefined
}

/** @param onChange told when it went away, and with `undefined` when it is back */
export function createReach(onChange: (fault: Fault | undefined, cause?: unknown) => void = () => undefined): Reach {
  let current: Fault | undefined

  function change(fault: Fault | undefined, cause?: unknown): void {
    if (fault === current) return
    current = fault
    onChange(fault, cause)
  }

  return {
    failed(error) {
      if (error instanceof StorageUnavailable) return error
      const fault = faultOf(error)
      if (fault === undefined) return error
      change(fault, error)
      return new StorageUnavailable(fault, error)
    },
    succeeded: () => change(undefined),
    fault: () => current,
  }
}

/** What node-postgres itself says of a connection that ended, or could not be had, has no code. */
const WITHOUT_CODE = /connection terminated|timeout exceeded when trying to connect|query read timeout|client has encountered a connection error|not queryable/i

/** Which fault an error means (https://www.postgresql.org/docs/15/errcodes-appendix.html). */
function faultOf(error: unknown): Fault | undefined {
  const { code, message } = (error ?? {}) as { code?: unknown, message?: unknown }
  if (typeof code !== 'string') return WITHOUT_CODE.test(String(message)) ? 'unreachable' : undefined
  if (/^(?:ECONN|EPIPE$|ETIMEDOUT$|EHOST|ENET|ENOTFOUND$|EAI_AGAIN$|ENOENT$|08|57P0|53300$|28)/.test(code)) return 'unreachable'
  if (code === '53100') return 'full'
  if (code === '55P03' || code === '57014') return 'locked'
  // Read only, as a standby or a disk that is nearly full; out of memory; a disk that fails; a damaged file.
  if (/^(?:25006|53[24]00|58|XX00[12])/.test(code)) return 'failing'
  return undefined
}
