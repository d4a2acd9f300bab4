import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Agent, AgentSession } from '../utils/agents/agents-api'
import { createWishes } from '../utils/room/wishes'

/** One's sessions with agents, as far as they were listed: those in use, and those put away. */
export const useAgentsStore = defineStore('agents', () => {
  const agents = shallowRef<readonly Agent[]>([])
  const known = shallowRef<Readonly<Record<string, AgentSession>>>({})
  /** Whether the server has more than was listed. */
  const more = ref({ active: false, archived: false })

  /** What was pinned, put away or the other way round and is not granted yet: shown at once, and the last wish counts. */
  const wished = shallowRef<Readonly<Record<string, Partial<Pick<AgentSession, 'pinned' | 'archived'>>>>>({})
  const { wish } = createWishes<boolean>((key, value) => {
    const [id = '', what = ''] = key.split('/')
    wished.value = { ...wished.value, [id]: { ...wished.value[id], [what]: value } }
    const { [what as 'pinned']: open, ...rest } = wished.value[id] ?? {}
    if (open === undefined) wished.value = { ...wished.value, [id]: rest }
  })

  /** The pinned ones first, then those last spoken in. */
  const sessions = computed(() => Object.values(known.value).map(session => ({ ...session, ...wished.value[session.id] })).sort((a, b) => Number(b.pinned) - Number(a.pinned) || at(b).localeCompare(at(a))))

  function agentOf(slug: string): Agent {
    return agents.value.find(agent => agent.slug === slug) ?? { slug, name: slug, avatar: '', description: '', engine: '' }
  }

  /** The server said which agents there are. */
  function agentsArrived(list: readonly Agent[]) {
    agents.value = list
  }

  /** A page of the list came. The first one replaces what was known. */
  function listed(page: readonly AgentSession[], { archived, offset, more: rest }: { archived: boolean, offset: number, more: boolean }) {
    const kept = Object.values(known.value).filter(session => offset > 0 || session.archived !== archived)
    known.value = Object.fromEntries([...kept, ...page].map(session => [session.id, session]))
    more.value = { ...more.value, [archived ? 'archived' : 'active']: rest }
  }

  /** A session is new, or another than it was. */
  function changed({ id, agentSlug, title, room, pinned, archived, createdAt, lastAt }: AgentSession) {
    known.value = { ...known.value, [id]: { id, agentSlug, title, room, pinned, archived, createdAt, lastAt } }
  }

  /** A session is no more. */
  function removed(id: string) {
    const { [id]: _, ...others } = known.value
    known.value = others
  }

  /** Somebody else is here now: nothing of the last one stays. */
  function cleared() {
    known.value = {}
    more.value = { active: false, archived: false }
  }

  return { agents, known, more, wished, wish, sessions, agentOf, agentsArrived, listed, changed, removed, cleared }
})

function at({ lastAt, createdAt }: AgentSession): string {
  return lastAt ?? createdAt
}
