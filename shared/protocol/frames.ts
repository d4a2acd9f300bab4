/** The two unions of the wire contract. Types are inferred from the schemas; nothing is written twice. */
export * from './client-frames'
export * from './server-frames'
export { ENTRY_TYPES } from '../log/entries'
export type { Entry, Message } from '../log/entries'
