import type { Kysely } from 'kysely'
import { ProtocolError } from '#shared/protocol/errors'
import { LIMITS } from '#shared/protocol/limits'
import type { Database } from '../db/schema'
import type { WorkOwner } from './leases'

/** Gives the places of calls, where other nodes give them too: of two peers that take the last one, one gets it (RTC-5). */
export interface CallPlaces {
  /**
   * Takes a place for a peer, or takes over the one it had on another node.
   *
   * @param held whether a peer has a place as far as this node knows: a row of its own without one is left over
   * @throws ProtocolError `conflict` when all are taken
   */
  claim: (roomId: string, peerId: string, held: (peerId: string) => boolean) => Promise<void>
  /** Gives a peer's place up, unless another node has taken it over. */
  release: (roomId: string, peerId: string) => Promise<void>
}

/** A place is a row under the room and a number: two cannot have the same one, whatever nodes see of each other. */
export function createCallPlaces(db: Kysely<Database>, owner: WorkOwner): CallPlaces {
  const { node } = owner

  async function insert(roomId: string, slot: number, peerId: string): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await db.insertInto('call_places').values({ room_id: roomId, slot, peer_id: peerId, node })
      .onConflict(conflict => conflict.columns(['room_id', 'slot']).doNothing()).executeTakeFirst()
    return (numInsertedOrUpdatedRows ?? 0n) > 0n
  }

  async function replace(roomId: string, left: { slot: number, peer_id: string, node: string }, peerId: string): Promise<boolean> {
    const { numUpdatedRows } = await db.updateTable('call_places').set({ peer_id: peerId, node }).where('room_id', '=', roomId)
      .where('slot', '=', left.slot).where('peer_id', '=', left.peer_id).where('node', '=', left.node).executeTakeFirst()
    return numUpdatedRows > 0n
  }

  return {
    async claim(roomId, peerId, held) {
      const rows = await db.selectFrom('call_places').selectAll().where('room_id', '=', roomId).execute()
      const own = rows.find(row => row.peer_id === peerId)
      if (own && await replace(roomId, own, peerId)) return
      const taken = new Set(rows.map(({ slot }) => slot))
      for (let slot = 0; slot < LIMITS.callPlaces; slot++) if (!taken.has(slot) && await insert(roomId, slot, peerId)) return
      const gone = await owner.gone(rows.map(row => row.node))
      for (const left of rows) {
        const isLeft = left.node === node ? !held(left.peer_id) : gone.has(left.node) && !held(left.peer_id)
        if (isLeft && await replace(roomId, left, peerId)) return
      }
      throw new ProtocolError('conflict', `in_call: the call is full, ${LIMITS.callPlaces} people are in it`)
    },
    async release(roomId, peerId) {
      await db.deleteFrom('call_places').where('room_id', '=', roomId).where('peer_id', '=', peerId).where('node', '=', node).execute()
    },
  }
}
