import type { Running } from '../ai/answers'
import { UiStream } from './ui-stream'

/** Whose stream it is and what it answers. */
export interface StreamOwner {
  id: string
  orgId: string
  userId: string
  sessionId: string
  roomId: string
  agent: string
  /** Where the owner asked from, as far as that is known. */
  address?: string
}

/** An agent's answer in a session, as its viewers read it. */
export class AgentStream extends UiStream {
  /** The answer, once its engine was asked. */
  running?: Running
  /** Set by one who stops it before {@link AgentStream.running} is. */
  stopped = false

  /** @param metadata what is said of the message beforehand: agent, engine, model */
  constructor(readonly owner: StreamOwner, metadata: Record<string, unknown>) {
    super(owner.id, metadata)
  }
}
