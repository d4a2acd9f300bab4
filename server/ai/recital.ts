import { LIMITS } from '#shared/protocol/limits'

/** How much of its instructions a persona may say in one go before it counts as reciting them, in letters and digits. */
const RUN = 48

/** An engine began to say its persona's instructions word for word. */
export class RecitalError extends Error {
  override readonly name = 'RecitalError'
}

/**
 * Watches an answer for the persona's own instructions: a model can be talked into repeating what it was told, whatever it was
 * told about that. It finds words, not their sense: a paraphrase or a translation passes.
 */
export class Recital {
  /** Every run of the instructions: looking one up takes the same time however long they are. */
  private readonly runs = new Set<string>()
  private said = ''

  constructor(instructions: string) {
    const words = plain(instructions)
    for (let from = 0; from + RUN <= words.length; from++) this.runs.add(words.slice(from, from + RUN))
  }

  /** @param text the next words of the answer @throws RecitalError when they complete a run of the instructions */
  hear(text: string): void {
    if (this.runs.size === 0) return
    // An answer is never longer, whatever an engine sends in one piece.
    this.said += plain(text.slice(0, LIMITS.textBytes))
    for (let from = 0; from + RUN <= this.said.length; from++) {
      if (this.runs.has(this.said.slice(from, from + RUN))) throw new RecitalError('[ai] recited its instructions')
    }
    this.said = this.said.slice(-(RUN - 1))
  }
}

/** Letters and digits alone: quotes, lists and line breaks do not hide a recital. */
function plain(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '')
}
