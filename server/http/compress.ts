import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** Below this an answer fits into one packet anyway. */
export const COMPRESS_FROM = 1400

const compressors = {
  br: (body: Buffer) => promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_SIZE_HINT]: body.length } }),
  gzip: (body: Buffer) => promisify(gzip)(body, { level: 6 }),
}

export type Encoding = keyof typeof compressors

/** The encoding a client takes that we would choose; nothing for none (RFC 9110, section 12.5.3). */
export function encodingFor(accepted: string | undefined): Encoding | undefined {
  const weights = new Map<string, number>()
  for (const part of (accepted ?? '').toLowerCase().split(',')) {
    const [name, ...parameters] = part.split(';').map(piece => piece.trim())
    const q = parameters.find(parameter => parameter.startsWith('q='))
    if (name) weights.set(name, q === undefined ? 1 : Number(q.slice(2)))
  }
  const takes = (name: Encoding): boolean => (weights.get(name) ?? weights.get('*') ?? 0) > 0
  return takes('br') ? 'br' : takes('gzip') ? 'gzip' : undefined
}

/** Compresses beside the event loop. What is short, or whose client takes nothing, stays as it is. */
export async function compressed(body: string, accepted: string | undefined): Promise<{ body: Buffer | string, encoding?: Encoding }> {
  const encoding = encodingFor(accepted)
  if (encoding === undefined || body.length < COMPRESS_FROM) return { body }
  return { body: await compressors[encoding](Buffer.from(body)), encoding }
}
