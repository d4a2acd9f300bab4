import { agentsEn } from '../../locales/agents.en'

/** The strings of agents and of the help in the reader's language. */
export function useAgentsText(): typeof agentsEn {
  return agentsEn
}
