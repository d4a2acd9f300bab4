/** Why the server does not start, in a sentence for whoever runs it: what is wrong, and what to do. */
export class CannotStart extends Error {
  constructor(sentence: string, options?: { cause?: unknown }) {
    super(sentence, options)
    this.name = 'CannotStart'
  }
}
