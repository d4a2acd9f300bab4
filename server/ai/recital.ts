import { LIMITS } from '#shared/protocol/limits'

/** How much of its instructions a persona may say in one go before it counts as reciting them, in letters and digits. */
const RUN = 48

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

  /** @param text the next words of the answer @returns whether they complete a run of the instructions */
  finds(text: string): boolean {
    if (this.runs.size === 0) return false
    // An answer is never longer, whatever an engine sends in one piece.
    this.said += plain(text.slice(0, LIMITS.textBytes))
    for (let from = 0; from + RUN <= this.said.length; from++) {
      if (this.runs.has(this.said.slice(from, from + RUN))) return true
    }
    this.said = this.said.slice(-(RUN - 1))
    return false
  }
}

/** Letters and digits alone: quotes, lists and line breaks do not hide a recital. */
function plain(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '')
}
