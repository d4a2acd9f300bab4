import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { LanguageModel } from 'ai'

/** How one of the APIs writes the pieces of a stream, as its documentation has them. */
export interface EngineApi {
  name: string
  /** A model of a server at this address. */
  model: (url: string, line?: typeof fetch) => LanguageModel
  begin: () => string
  say: (text: string) => string
  think: (text: string) => string
  /** Its own end, by one of the reasons every API has a word for. */
  finish: (reason: 'stop' | 'length' | 'filter') => string
  /** An error in the middle of the stream. */
  error: () => string
}

const event = (data: object, name?: string): string => `${name ? `event: ${name}\n` : ''}data: ${JSON.stringify(data)}\n\n`
const typed = (data: { type: string } & Record<string, unknown>): string => event(data, data.type)
const SECRET = { message: 'secret words of the provider', type: 'server_error', code: 'x' }

const chunk = (delta: object, finish_reason: string | null = null): string => event({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason }] })

const compatible: EngineApi = {
  name: 'openai-compatible',
  model: (baseURL, fetch) => createOpenAICompatible({ name: 'openai-compatible', baseURL, fetch })('m'),
  begin: () => chunk({ role: 'assistant', content: '' }),
  say: content => chunk({ content }),
  think: reasoning_content => chunk({ reasoning_content }),
  finish: reason => `${chunk({}, { stop: 'stop', length: 'length', filter: 'content_filter' }[reason])}data: [DONE]\n\n`,
  error: () => event({ error: SECRET }),
}

const response = { id: 'r', object: 'response', created_at: 1, model: 'm', output: [] }

const openai: EngineApi = {
  name: 'openai',
  model: (baseURL, fetch) => createOpenAI({ apiKey: 'k', baseURL, fetch })('m'),
  begin: () => typed({ type: 'response.created', response }) + typed({ type: 'response.output_item.added', output_index: 0, item: { id: 'i', type: 'message', role: 'assistant', content: [] } }),
  say: delta => typed({ type: 'response.output_text.delta', item_id: 'i', output_index: 0, content_index: 0, delta }),
  think: delta => typed({ type: 'response.output_item.added', output_index: 1, item: { id: 't', type: 'reasoning', summary: [] } })
    + typed({ type: 'response.reasoning_summary_text.delta', item_id: 't', output_index: 1, summary_index: 0, delta }),
  finish: reason => reason === 'stop'
    ? typed({ type: 'response.completed', response: { ...response, usage: { input_tokens: 1, output_tokens: 1 } } })
    : typed({ type: 'response.incomplete', response: { ...response, incomplete_details: { reason: reason === 'length' ? 'max_output_tokens' : 'content_filter' }, usage: { input_tokens: 1, output_tokens: 1 } } }),
  error: () => typed({ type: 'error', sequence_number: 3, error: SECRET }),
}

const anthropic: EngineApi = {
  name: 'anthropic',
  model: (baseURL, fetch) => createAnthropic({ apiKey: 'k', baseURL, fetch })('m'),
  begin: () => typed({ type: 'message_start', message: { id: 'x', type: 'message', role: 'assistant', model: 'm', content: [], usage: { input_tokens: 1, output_tokens: 0 } } }),
  say: text => typed({ type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } })
    + typed({ type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text } }) + typed({ type: 'content_block_stop', index: 1 }),
  think: thinking => typed({ type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } })
    + typed({ type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking } }) + typed({ type: 'content_block_stop', index: 0 }),
  finish: reason => typed({ type: 'message_delta', delta: { stop_reason: { stop: 'end_turn', length: 'max_tokens', filter: 'refusal' }[reason] }, usage: { output_tokens: 1 } }) + typed({ type: 'message_stop' }),
  error: () => typed({ type: 'error', error: { type: 'overloaded_error', message: SECRET.message } }),
}

const candidate = (parts: object[], finishReason?: string): string => event({ candidates: [{ index: 0, content: { role: 'model', parts }, ...finishReason && { finishReason } }], usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 } })

const google: EngineApi = {
  name: 'google',
  model: (baseURL, fetch) => createGoogleGenerativeAI({ apiKey: 'k', baseURL, fetch })('m'),
  begin: () => '',
  say: text => candidate([{ text }]),
  think: text => candidate([{ text, thought: true }]),
  finish: reason => candidate([], { stop: 'STOP', length: 'MAX_TOKENS', filter: 'SAFETY' }[reason]),
  error: () => event({ error: { code: 500, status: 'INTERNAL', message: SECRET.message } }),
}

/** The APIs an engine may speak. */
export const ENGINE_APIS: readonly EngineApi[] = [compatible, openai, anthropic, google]
