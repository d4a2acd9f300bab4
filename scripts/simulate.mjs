import { parseArgs } from 'node:util'
import { holds, needs } from './simulate/needs.mjs'

const { values: options } = parseArgs({ options: { check: { type: 'boolean', default: false }, measure: { type: 'boolean', default: false }, seconds: { type: 'string', default: '5' } } })

const SIZES = [10_000, 100_000, 1_000_000, 10_000_000]
/** What is built, and the steps after it, each with those before it. */
const STEPS = [
  { title: 'as it is', steps: {} },
  { title: '+ who is there as a number above 1,000', steps: { digests: true } },
  { title: '+ nodes hear their own rooms only', steps: { digests: true, byRoom: true } },
  { title: '+ rooms by hash over databases', steps: { digests: true, byRoom: true, databases: true } },
]
const round = (/** @type {number} */ value) => value === Infinity ? '–' : Number(value.toPrecision(2)).toLocaleString('en')

/** Up to how many connections nothing bends. @param {import('./simulate/needs.mjs').Steps} steps */
function bound(steps) {
  let [low, high] = [1000, 100_000_000]
  if (holds(high, steps)) return 'more than 100,000,000'
  while (high / low > 1.02) {
    const middle = Math.sqrt(low * high)
    if (holds(middle, steps)) low = middle
    else high = middle
  }
  return `${round(low)} with ${round(needs(low, steps).nodes)} nodes`
}

function table() {
  const lines = ['| connections | messages/s, deliveries/s, comings and goings/s | built | nodes, MB each | most of a node goes into | Redis | processors of PostgreSQL | what bends |', '|---|---|---|---|---|---|---|---|']
  for (const connections of SIZES) {
    for (const [n, { title, steps }] of STEPS.entries()) {
      const need = needs(connections, steps)
      const traffic = n === 0 ? `${round(need.said)}, ${round(need.deliveries)}, ${round(need.changes)}` : ''
      lines.push(`| ${n === 0 ? connections.toLocaleString('en') : ''} | ${traffic} | ${title} | ${round(need.nodes)}, ${round(need.memoryMb)} | ${need.most} | ${round(need.redis)} | ${round(need.databaseCores)} | ${need.bends.join('; ') || 'nothing'} |`)
      if (need.bends.length === 0) break
    }
  }
  const most = STEPS.map(({ title, steps }) => `- ${title}: ${bound(steps)}`)
  return `${lines.join('\n')}\n\nThe most connections, each with the steps before it:\n${most.join('\n')}`
}

async function check() {
  const { ensureBuild } = await import('./build.mjs')
  if (await ensureBuild() !== 0) return false
  const { TOLERANCE, check } = await import('./simulate/check.mjs')
  const rows = await check({ seconds: Number(options.seconds) })
  for (const { title, predicted, measured, ratio } of rows) {
    console.log(`${title}: ${predicted.toFixed(1)} µs of processor a delivery predicted, ${measured.toFixed(1)} measured: ${ratio.toFixed(2)} ×`)
  }
  const holds = rows.every(({ ratio }) => ratio <= TOLERANCE && ratio >= 1 / TOLERANCE)
  console.log(holds ? `all within ${TOLERANCE} ×` : `not all within ${TOLERANCE} ×`)
  return holds
}

async function measure() {
  const { ensureBuild } = await import('./build.mjs')
  if (await ensureBuild() !== 0) return false
  const { measureCosts } = await import('./simulate/measure.mjs')
  console.log(await measureCosts({ seconds: Number(options.seconds) }))
  return true
}

if (options.measure) process.exit(await measure() ? 0 : 1)
else if (options.check) process.exit(await check() ? 0 : 1)
else console.log(table())
