import { ProtocolError } from '#shared/protocol/errors'

/** Every address of the API that is none, and every method that an address does not take. */
export default defineRoute('ANY /api/[...]', ({ event }) => {
  throw new ProtocolError('not_found', `there is nothing at this address for ${event.method}`)
})
