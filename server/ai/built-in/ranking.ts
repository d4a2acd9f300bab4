import { inTurns } from './others'
import type { Sentence } from './sentences'
import { terms } from './words'

interface Vector {
  sentence: Sentence
  position: number
  weights: ReadonlyMap<string, number>
  score: number
}

/** The graph of so many sentences is walked; of more, those nearest to the middle of them all. */
const WALKED = 150
const DAMPING = 0.85
const ROUNDS = 15
/** How much a sentence's likeness to those already chosen counts against it. */
const REPETITION = 0.6
const LONG = 320
const SHORT_TERMS = 3

/**
 * The most central sentences, in the order they were said: TextRank over their likeness to each other, then one after the other
 * by what each adds to those chosen (maximal marginal relevance).
 *
 * @param regard how much more than others a sentence counts, 1 for no more
 */
export async function ranked(
  sentences: readonly Sentence[], number: number, regard: (sentence: Sentence) => number, signal?: AbortSignal,
): Promise<Sentence[]> {
  const turn = inTurns(signal)
  const vectors = await vectorsOf(sentences, turn)
  await turn()
  const candidates = nearestToMiddle(vectors)
  await turn()
  walk(candidates)
  for (const vector of candidates) vector.score *= regard(vector.sentence)
  return chosen(candidates, number).sort((a, b) => a.position - b.position).map(({ sentence }) => sentence)
}

async function vectorsOf(sentences: readonly Sentence[], turn: () => Promise<void> | undefined): Promise<Vector[]> {
  const counted = []
  for (const [position, sentence] of sentences.entries()) {
    await turn()
    counted.push({ sentence, position, said: terms(sentence.text) })
  }
  const full = counted.filter(({ sentence, said }) => new Set(said).size >= SHORT_TERMS && sentence.text.length <= LONG)
  const worth = full.length > 0 ? full : counted.filter(({ said }) => said.length > 0)
  const spread = new Map<string, number>()
  for (const { said } of worth) for (const term of new Set(said)) spread.set(term, (spread.get(term) ?? 0) + 1)
  return worth.map(({ sentence, position, said }) => {
    const weights = new Map<string, number>()
    for (const term of said) weights.set(term, (weights.get(term) ?? 0) + Math.log(1 + worth.length / spread.get(term)!))
    return { sentence, position, weights: normal(weights), score: 1 }
  })
}

function nearestToMiddle(vectors: Vector[]): Vector[] {
  if (vectors.length <= WALKED) return vectors
  const sums = new Map<string, number>()
  for (const { weights } of vectors) for (const [term, weight] of weights) sums.set(term, (sums.get(term) ?? 0) + weight)
  const middle = normal(sums)
  return vectors.map(vector => ({ vector, near: likeness(vector.weights, middle) })).sort((a, b) => b.near - a.near).slice(0, WALKED).map(({ vector }) => vector)
}

function walk(vectors: readonly Vector[]): void {
  const links = vectors.map(() => new Map<number, number>())
  const holders = new Map<string, number[]>()
  vectors.forEach(({ weights }, index) => {
    const alike = new Map<number, number>()
    for (const [term, weight] of weights) {
      for (const other of holders.get(term) ?? []) alike.set(other, (alike.get(other) ?? 0) + weight * vectors[other]!.weights.get(term)!)
      const known = holders.get(term)
      if (known) known.push(index)
      else holders.set(term, [index])
    }
    for (const [other, weight] of alike) {
      links[index]!.set(other, weight)
      links[other]!.set(index, weight)
    }
  })
  const out = links.map(link => [...link.values()].reduce((sum, weight) => sum + weight, 0))
  let scores = vectors.map(() => 1)
  for (let round = 0; round < ROUNDS; round++) {
    scores = scores.map((_, index) => {
      let sum = 0
      for (const [other, weight] of links[index]!) sum += weight / out[other]! * scores[other]!
      return 1 - DAMPING + DAMPING * sum
    })
  }
  vectors.forEach((vector, index) => vector.score = scores[index]!)
}

function chosen(vectors: readonly Vector[], number: number): Vector[] {
  const left = new Set(vectors)
  const most = Math.max(...vectors.map(({ score }) => score), Number.MIN_VALUE)
  const picked: Vector[] = []
  while (picked.length < number && left.size > 0) {
    let best: { vector: Vector, worth: number } | undefined
    for (const vector of left) {
      const repeats = Math.max(0, ...picked.map(({ weights }) => likeness(vector.weights, weights)))
      const worth = vector.score / most - REPETITION * repeats
      if (!best || worth > best.worth) best = { vector, worth }
    }
    left.delete(best!.vector)
    picked.push(best!.vector)
  }
  return picked
}

/** Brings a vector to the length of 1, in its place. */
function normal(weights: Map<string, number>): Map<string, number> {
  let squares = 0
  for (const weight of weights.values()) squares += weight * weight
  const length = Math.sqrt(squares) || 1
  for (const [term, weight] of weights) weights.set(term, weight / length)
  return weights
}

function likeness(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  const [small, large] = a.size < b.size ? [a, b] : [b, a]
  let sum = 0
  for (const [term, weight] of small) sum += weight * (large.get(term) ?? 0)
  return sum
}
