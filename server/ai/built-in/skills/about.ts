import { escaped } from '../../escaped'
import type { Answer, EnginePersona, Skill } from '../types'

const EXAMPLES: Record<Skill, string> = {
  docs: 'on Lastra itself: “How do I set up a TURN server?”',
  search: 'what was said: “search for budget”, “what did Ada say about the launch?”',
  recap: 'for a recap: “what did I miss?”, “recap today”, “recap the last 50 messages”',
  questions: 'for open questions: “which questions are open?”',
  decisions: 'for decisions: “what was decided this week?”',
  actions: 'who has to do what: “action items”, “what do I have to do?”',
  polls: 'to hold a poll: “poll: Lunch? pizza / salad”, then “results” or “close the poll”',
  timers: 'to mind the time: “timer 5 minutes tea”, “cancel the timer”',
  statistics: 'for counts: “who talks most?”, “how often was coffee mentioned?”',
}

/** What answers, said plainly: nobody may take it for a language model, or for a person. */
export function answerAbout(persona: EnginePersona, skills: readonly Skill[]): Answer {
  return {
    skill: 'about',
    found: true,
    sources: [],
    markdown: [
      `I am ${escaped(persona.name, 64)}, answering with Lastra's built-in engine. It looks things up and counts; it is no language model. What I show of the room and the docs is quoted word for word, with a link to where it stands, and where I have nothing, I say so.`,
      abilities(skills),
    ].join('\n\n'),
  }
}

/** What can be asked. */
export function abilities(skills: readonly Skill[]): string {
  return ['Ask me', '', ...skills.map(skill => `- ${EXAMPLES[skill]}`)].join('\n')
}
