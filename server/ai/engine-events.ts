/** What one event of an engine's stream says of the stream itself. */
export type EngineEvent = 'words' | 'finish' | 'usage' | 'done' | 'filtered' | 'error' | 'malformed'

interface Data {
  type?: unknown
  error?: unknown
  choices?: { finish_reason?: unknown }[]
  usage?: unknown
  delta?: { stop_reason?: unknown }
  candidates?: { finishReason?: unknown }[]
  promptFeedback?: { blockReason?: unknown }
}

/** Events by which the Responses API of OpenAI, and Anthropic's, end a stream. */
const DONE: ReadonlySet<unknown> = new Set(['message_stop', 'response.completed', 'response.incomplete'])
const ERRORS: ReadonlySet<unknown> = new Set(['error', 'response.failed'])

/**
 * Reads one event of any of the four streams that engines send: chat completions of OpenAI and all that are compatible, OpenAI's
 * responses, Anthropic's messages and Google's `streamGenerateContent`.
 *
 * @param data what stands after `data:`
 * @returns `finish` where a reason to finish was given, after which at most the usage comes; `done` after which nothing comes
 */
export function readEngineEvent(data: string): EngineEvent {
  if (data.trim() === '[DONE]') return 'done'
  let value: Data | null
  try {
    value = JSON.parse(data) as Data | null
  } catch {
    return 'malformed'
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'malformed'
  if ((value.error !== undefined && value.error !== null) || ERRORS.has(value.type)) return 'error'
  if (DONE.has(value.type)) return 'done'
  if (value.promptFeedback?.blockReason) return 'filtered'
  if (firstOf(value.choices)?.finish_reason || value.delta?.stop_reason || firstOf(value.candidates)?.finishReason) return 'finish'
  return value.usage !== undefined && value.usage !== null && firstOf(value.choices) === undefined ? 'usage' : 'words'
}

function firstOf<T>(list: readonly T[] | undefined): T | undefined {
  return Array.isArray(list) ? list[0] : undefined
}
