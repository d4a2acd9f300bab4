import type { Ref } from 'vue'
import { ref } from 'vue'
import { useToast } from '#imports'
import { useAgentsStore } from '../../stores/agents'
import type { AgentSession } from '../../utils/agents/agents-api'
import { useAgentsApi } from './useAgentsApi'
import { useText } from '../app/useText'

export interface UseAgentSessionsReturn {
  /** Whether the list could not be loaded. */
  failed: Ref<boolean>
  loading: Ref<boolean>
  /** Loads the first page of one of the two lists. Settles to whether that worked. */
  load: (archived: boolean) => Promise<boolean>
  /** Loads what is left of a list: the next page, or all of it. */
  loadMore: (archived: boolean, all?: boolean) => Promise<void>
  /** Opens a session with an agent. Gives nothing when that failed, which the person was told. */
  create: (agentSlug: string) => Promise<AgentSession | undefined>
  /** Each settles to whether the server did it; a refusal is shown to the person. */
  change: (id: string, change: Partial<Pick<AgentSession, 'title' | 'pinned' | 'archived'>>) => Promise<boolean>
  remove: (id: string) => Promise<boolean>
}

/** What one can do with one's sessions, as intents. */
export function useAgentSessions(): UseAgentSessionsReturn {
  const store = useAgentsStore()
  const api = useAgentsApi()
  const toast = useToast()
  const text = useText()
  const failed = ref(false)
  const loading = ref(false)

  async function attempt<T>(action: Promise<T>): Promise<T | undefined> {
    try {
      return await action
    } catch (reason) {
      const { message } = reason as Error
      toast.add({ id: `failed:${message}`, title: text.failed, description: message, color: 'error', icon: 'i-lucide-circle-alert' })
      return undefined
    }
  }

  async function page(archived: boolean, offset: number): Promise<boolean> {
    loading.value = true
    try {
      const { sessions, more } = await api.sessions({ archived, offset })
      store.listed(sessions, { archived, offset, more })
      failed.value = false
      return true
    } catch {
      failed.value = true
      return false
    } finally {
      loading.value = false
    }
  }

  return {
    failed, loading,
    load: archived => page(archived, 0),
    async loadMore(archived, all = false) {
      do {
        const offset = store.sessions.filter(session => session.archived === archived).length
        if (loading.value || !store.more[archived ? 'archived' : 'active'] || !await page(archived, offset)) return
      } while (all)
    },
    async create(agentSlug) {
      const session = await attempt(api.create(agentSlug))
      if (session) store.changed(session)
      return session
    },
    async change(id, change) {
      const put = async (wanted: typeof change) => {
        const session = await attempt(api.change(id, wanted))
        if (session) store.changed(session)
        return session !== undefined
      }
      const [what] = (['pinned', 'archived'] as const).filter(key => change[key] !== undefined)
      if (what === undefined || change.title !== undefined) return put(change)
      return store.wish(`${id}/${what}`, change[what] === true, value => put({ [what]: value }))
    },
    async remove(id) {
      const done = await attempt(api.remove(id).then(() => true))
      if (done) store.removed(id)
      return done === true
    },
  }
}
