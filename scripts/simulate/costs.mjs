import { flat } from './model.mjs'

/**
 * What things cost, in microseconds of one processor of an AMD EPYC with two, Node 20, PostgreSQL 15 and Redis 7, 2026-11-26. `measured` is
 * `npm run simulate -- --measure --seconds 4`, on a machine with other work.
 *
 * @type {Record<string, import('./model.mjs').Cost>}
 */
export const COSTS = {
  /** A node in a second of nothing: measured. */
  idle: flat(17_500),
  /** A message in the node it is said on, its writer's own reading included, at 50 and 800 a second: measured. */
  said: { few: 1570, many: 292, at: [50, 800] },
  /**
   * One message written to one more reader. Few: measured, 100 readers of 10 messages a second. Many: `npm run bench`, one room × 1,000,
   * saturated, 2,518,540 deliveries a processor second, so 2,500 a second for each reader.
   */
  write: { few: 8.9, many: 0.4, at: [10, 2500] },
  /** A message told by another node, whether anybody reads it here or not: measured at 50 and 800 a second. */
  heard: { few: 290, many: 88, at: [50, 800] },
  /** Redis, for a message of a node that is alone: measured at 50 and 800 a second. */
  publish: { few: 100, many: 19, at: [50, 800] },
  /** Redis, for each further node: measured at 800 a second; at 50 it was too little to see. */
  passOn: flat(15.6),
  /** PostgreSQL, for a message: measured at 50 and 800 a second. */
  commit: { few: 900, many: 131, at: [50, 800] },
  /** A ping, each alone: measured. */
  ping: flat(235),
  /** Somebody who comes and goes: a new session, the connection, the room, its newest 50 messages: measured. */
  join: flat(10_500),
}

/** README, `npm run measure` and `npm run bench`: a node with 1,000 connections, and each connection of 5,000. */
export const MEMORY = { nodeMb: 122, connectionKb: 13.3 }
