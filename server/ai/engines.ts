import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { LanguageModel } from 'ai'
import type { BuiltInEngine, Engine, EngineResolver } from './engine'
import type { Persona } from './persona'

/** How the engines of this server are reached. Without anything, every persona speaks with the built-in one. */
export interface EngineConfig {
  /** An OpenAI-compatible server: Ollama, vLLM, LM Studio. */
  baseUrl: string
  key: string
  model: string
  openaiKey: string
  anthropicKey: string
  googleKey: string
}

/** Makes a model that reaches its server by its own `fetch`. */
type Maker = (model: string, line: typeof fetch | undefined) => LanguageModel

type Remote = 'openai-compatible' | 'openai' | 'anthropic' | 'google'

/** Models used where neither persona nor configuration names one. */
const MODELS: Partial<Record<Remote, string>> = { openai: 'gpt-4.1-mini', anthropic: 'claude-haiku-4-5', google: 'gemini-2.5-flash' }

/**
 * Finds each persona's engine: its own where that is configured, else the server's default, else the built-in one. A
 * persona whose engine was taken away goes on with what is there, and says which that is.
 *
 * @param builtIn the engine that is always there
 */
export function createEngines(config: EngineConfig, builtIn: BuiltInEngine): EngineResolver {
  const { baseUrl, key, openaiKey, anthropicKey, googleKey } = config
  const makers: Record<Remote, Maker | undefined> = {
    'openai-compatible': baseUrl === '' ? undefined : (model, fetch) => createOpenAICompatible({ name: 'openai-compatible', baseURL: baseUrl, ...(key !== '' && { apiKey: key }), includeUsage: true, fetch })(model),
    'openai': openaiKey === '' ? undefined : (model, fetch) => createOpenAI({ apiKey: openaiKey, fetch })(model),
    'anthropic': anthropicKey === '' ? undefined : (model, fetch) => createAnthropic({ apiKey: anthropicKey, fetch })(model),
    'google': googleKey === '' ? undefined : (model, fetch) => createGoogleGenerativeAI({ apiKey: googleKey, fetch })(model),
  }

  function remote(name: Remote, wanted: string | undefined): Engine | undefined {
    const make = makers[name]
    const model = wanted || (name === 'openai-compatible' ? config.model : MODELS[name])
    return make && model ? { name, model, languageModel: (_, line) => make(model, line) } : undefined
  }

  return (persona: Persona) => {
    const { engine, model } = persona
    const own: Engine = { name: 'built-in', cost: builtIn.cost, languageModel: question => builtIn.model(question, persona), warm: room => builtIn.warm(room, persona) }
    if (engine === 'built-in') return own
    const standard = remote('openai-compatible', undefined) ?? own
    return engine === 'default' ? standard : remote(engine, model) ?? standard
  }
}
