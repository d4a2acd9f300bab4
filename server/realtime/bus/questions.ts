import { nanoid } from 'nanoid'

interface Question<A> {
  answered: (answer: A) => void
  from: Set<string>
  to?: string
  giveUp: () => void
}

/** Questions to other nodes, until they are answered or nobody waits any more. */
export class Questions<A> {
  private readonly open = new Map<string, Question<A>>()

  /**
   * Asks, and waits for one answer.
   *
   * @param ms for how long
   * @param send asks under this id
   * @param accept whether an answer is the one; others leave the question open, until `most` nodes have answered
   * @param to the node that is asked, where it is one
   * @returns undefined where there was none
   */
  ask(ms: number, send: (id: string, expect: (most: number) => void) => Promise<void>, accept: (answer: A) => boolean = () => true, gone?: AbortSignal, to?: string): Promise<A | undefined> {
    return new Promise((resolve) => {
      const id = nanoid()
      let most = Number.POSITIVE_INFINITY
      const question: Question<A> = { from: new Set(), to, giveUp: () => end(), answered: answer => accept(answer) ? end(answer) : settle() }
      const end = (answer?: A): void => {
        clearTimeout(timer)
        gone?.removeEventListener('abort', giveUp)
        this.open.delete(id)
        resolve(answer)
      }
      const giveUp = (): void => end()
      const settle = (): void => {
        if (question.from.size >= most) end()
      }
      const timer = setTimeout(giveUp, ms)
      gone?.addEventListener('abort', giveUp)
      this.open.set(id, question)
      void send(id, (count) => {
        most = count
        settle()
      }).catch(giveUp)
    })
  }

  /** A node is gone: it will not answer. */
  giveUp(node: string): void {
    for (const { to, giveUp } of [...this.open.values()]) if (to === node) giveUp()
  }

  /** A node has answered. */
  answer(id: string, from: string, answer: A): void {
    const question = this.open.get(id)
    if (!question || question.from.has(from)) return
    question.from.add(from)
    question.answered(answer)
  }
}
