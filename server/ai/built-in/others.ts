/** Lets everything else that waits have its turn: answers are made on the thread that carries everybody's frames. */
export function others(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
