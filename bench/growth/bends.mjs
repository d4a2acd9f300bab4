/** A family's figures as growth.mjs files them. @typedef {{ key: string, title: string, axis: string, curves: import('./families.mjs').Curve[], points: { size: number, figures: Record<string, number> }[] }} Measured */

const STEP = 16
/** Less than twice as much at sixteen times the size is what a machine with other things to do shows by itself. */
const BENT = 2

/** The exponent of the power that runs through points best, by least squares of the logarithms: 0 where nothing grows, 1 for a line. */
export function exponent(points) {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)])
  const mean = i => logs.reduce((sum, pair) => sum + pair[i], 0) / logs.length
  const [x, y] = [mean(0), mean(1)]
  return logs.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0) / logs.reduce((sum, [a]) => sum + (a - x) ** 2, 0)
}

/** The size at which nobody waited for a curve's figure any more, if there is one. @returns {number | undefined} */
export function unansweredAt({ of: [name] }, points) {
  return points.find(({ figures }) => figures[`${name}GaveUp`])?.size
}

/** How often as much a curve shows at sixteen times the size, and how much of that is more than its kind has by nature; without end where nobody waited. */
export function growthOf(curve, points) {
  const { of: [name], power } = curve
  if (unansweredAt(curve, points) !== undefined) return { growth: Infinity, excess: Infinity }
  const growth = STEP ** exponent(points.map(({ size, figures }) => [size, figures[name]]))
  return { growth, excess: growth / STEP ** power }
}

/** Every curve with its growth, the one that bends most first, and that said in a sentence. @param {Measured[]} families */
export function bends(families) {
  const curves = families
    .flatMap(family => family.curves.map(curve => ({ family, curve, ...growthOf(curve, family.points) })))
    .toSorted((a, b) => a.excess === b.excess ? 0 : b.excess - a.excess)
  const bent = curves.filter(({ excess }) => excess > BENT)
  const how = ({ family, curve, growth, excess }) => Number.isFinite(growth)
    ? `× ${growth.toFixed(1)} at × ${STEP}${curve.power ? `, × ${excess.toFixed(1)} over a line` : ''}`
    : `not answered in time from ${unansweredAt(curve, family.points)?.toLocaleString('en')} on`
  const named = bend => `${bend.curve.title} with ${bend.family.title[0].toLowerCase()}${bend.family.title.slice(1)} (${how(bend)})`
  const [first, ...others] = bent
  const sentence = first
    ? `What bends first: ${named(first)}.${others.length ? ` Then: ${others.map(named).join('; ')}.` : ''}`
    : `Nothing bends: no figure more than doubles beyond its kind at × ${STEP}; nearest is ${named(curves[0])}.`
  return { curves, sentence }
}

const figure = value => value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en')

/** The figures of all families as a table. @param {Measured[]} families */
export function growthTable(families) {
  const rows = families.flatMap(family => [
    `| **${family.title}** | ${family.points.map(({ size }) => `**${size.toLocaleString('en')}**`).join(' | ')} | |`,
    ...family.curves.map((curve) => {
      const [first] = curve.of
      const cells = family.points.map(({ figures }) => figures[`${first}GaveUp`] ? `not in ${figure(figures[first])}` : curve.of.map(name => figure(figures[name])).join(' / '))
      const { growth } = growthOf(curve, family.points)
      return `| ${curve.title}, ${curve.unit}${curve.of.length > 1 ? ', p50 / p99' : ''} | ${cells.join(' | ')} | ${Number.isFinite(growth) ? `× ${growth.toFixed(1)}` : 'no end seen'}${curve.power ? ' (a line: × 16)' : ''} |`
    }),
  ])
  return ['| | 1× | 4× | 16× | per × 16 |', '|---|---|---|---|---|', ...rows].join('\n')
}
