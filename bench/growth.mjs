import { parseArgs } from 'node:util'
import { drawCurves } from './curves.mjs'
import { bends, growthTable } from './growth/bends.mjs'
import { FAMILIES } from './growth/families.mjs'
import { machine, saveResult, today } from './machine.mjs'
import { medians, pinned, prepare } from './measure.mjs'

/**
 * What becomes of Lastra when there is four and sixteen times as much of something: each family of figures at three sizes, the curves through
 * them, and which of them bends first.
 */
const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    only: { type: 'string', multiple: true, default: FAMILIES.map(({ key }) => key) },
    save: { type: 'boolean', default: false },
  },
})

/** Measures once, and once more where that failed: a run of minutes shall not be for nothing. */
async function measured(family, size) {
  const scale = { seconds: Number(options.seconds) }
  return family.measure(size, scale).catch((error) => {
    console.error(`${family.key}, ${size}: once more, after`, error)
    return family.measure(size, scale)
  })
}

/** The figures of one family at each size; a size whose load is cheap to repeat gives the medians of several runs. */
async function measureFamily(family) {
  const points = []
  for (const size of family.sizes) {
    const runs = []
    for (let run = 0; run < (family.repeated ? Number(options.runs) : 1); run++) runs.push(await measured(family, size))
    const figures = medians(runs)
    console.error(`${family.key}, ${size.toLocaleString('en')}: ${Object.entries(figures).map(([name, value]) => `${name} ${value.toPrecision(3)}`).join(', ')}`)
    points.push({ size, figures })
  }
  const { key, title, axis, curves } = family
  return { key, title, axis, curves, points }
}

async function main() {
  await prepare()
  const families = []
  for (const family of FAMILIES.filter(({ key }) => options.only.includes(key))) families.push(await measureFamily(family))
  const found = bends(families)
  const command = ['npm run bench:growth', ...process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : []].join(' ')
  console.log(`\n${growthTable(families)}\n\n${found.sentence}\n\n\`${command}\`, ${machine()}, ${today()}.`)
  if (options.save) {
    saveResult('growth', { command, bendsFirst: found.sentence, families })
    await drawCurves()
  }
}

if (pinned()) {
  await main()
  process.exit()
}
