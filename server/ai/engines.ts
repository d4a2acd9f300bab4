import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { LanguageModel } from 'ai'
import type { BuiltInEngine } from './built-in'
import type { Engine, EngineResolver } from './engine'
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
  const makers: Record<Remote, ((model: string) => LanguageModel) | undefined> = {
    'openai-compatible': config.baseUrl === '' ? undefined : createOpenAICompatible({ name: 'openai-compatible', baseURL: config.baseUrl, ...(config.key !== '' && { apiKey: config.key }), includeUsage: true }),
    'openai': config.openaiKey === '' ? undefined : createOpenAI({ apiKey: config.openaiKey }),
    'anthropic': config.anthropicKey === '' ? undefined : createAnthropic({ apiKey: config.anthropicKey }),
    'google': config.googleKey === '' ? undefined : createGoogleGenerativeAI({ apiKey: config.googleKey }),
  }

  function remote(name: Remote, wanted: string | undefined): Engine | undefined {
    const make = makers[name]
    const model = wanted || (name === 'openai-compatible' ? config.model : MODELS[name])
    return make && model ? { name, model, languageModel: () => make(model) } : undefined
  }

  return (persona: Persona) => {
    const { engine, model } = persona
    const own: Engine = { name: 'built-in', cost: builtIn.cost, languageModel: question => builtIn.model(question, persona), warm: room => builtIn.warm(room, persona) }
    if (engine === 'built-in') return own
    const standard = remote('openai-compatible', undefined) ?? own
    return engine === 'default' ? standard : remote(engine, model) ?? standard
  }
}
