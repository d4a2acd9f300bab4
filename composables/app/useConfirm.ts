import type { InjectionKey, ShallowRef } from 'vue'
import { inject, provide, shallowRef } from 'vue'

export interface Question { title: string, text: string, action: string }

interface Asked extends Question { answer: (yes: boolean) => void }

export type Confirm = (question: Question) => Promise<boolean>

const KEY: InjectionKey<Confirm> = Symbol('confirm')

/** Lets everything below ask yes-or-no questions; the caller shows the one that is open. */
export function provideConfirm(): { asked: ShallowRef<Asked | undefined>, confirm: Confirm } {
  const asked = shallowRef<Asked>()
  const confirm: Confirm = question => new Promise((resolve) => {
    asked.value?.answer(false)
    asked.value = {
      ...question,
      answer(yes) {
        asked.value = undefined
        resolve(yes)
      },
    }
  })
  provide(KEY, confirm)
  return { asked, confirm }
}

/** Asks before something that cannot be undone. */
export function useConfirm(): Confirm {
  return inject(KEY, () => Promise.resolve(true))
}
