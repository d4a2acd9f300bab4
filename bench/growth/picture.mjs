import { growthOf } from './bends.mjs'

/** Curves as a picture without a chart library: logarithmic both ways, so that what grows like its cause climbs like the dotted line. */
const PANEL = { width: 500, height: 330 }
const PLOT = { left: 54, right: 268, top: 44, bottom: 270 }
const LABEL_STEP = 15
const LEGEND_STEP = 17
/** No less between the lowest and the highest value than between the sizes: a flat curve has to look flat. */
const LEAST_RANGE = 16
const INK = { page: '#ffffff', frame: '#d5dade', grid: '#e9ecef', quiet: '#57606a', text: '#1b2228' }
const COLOURS = ['#0b6e66', '#a8460b', '#4338ca', '#b3123c']
const DASHES = '4 3'

const escape = text => text.replace(/[&<>"]/g, sign => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign])
const round = value => Number(value.toFixed(1))
const short = value => value >= 1e6 ? `${value / 1e6} M` : value >= 10_000 ? `${value / 1000} k` : value.toLocaleString('en')

/** 1, 2 and 5 times the powers of ten, from the last below `low` to the first above `high`. */
export function ticksBetween(low, high) {
  /** @type {number[]} */
  const ticks = []
  for (let power = Math.floor(Math.log10(low)) - 1; ; power++) {
    for (const step of [1, 2, 5]) {
      ticks.push(Number((step * 10 ** power).toPrecision(1)))
      if (Number(ticks.at(-1)) >= high) return ticks.slice(Math.max(0, ticks.findLastIndex(tick => tick <= low)))
    }
  }
}

/** Places of labels, each as near to where it belongs as those above it allow. */
export function apart(wanted, step, bottom) {
  const order = wanted.map((y, n) => ({ y, n })).toSorted((a, b) => a.y - b.y)
  for (let i = 1; i < order.length; i++) order[i].y = Math.max(order[i].y, order[i - 1].y + step)
  for (let i = order.length - 1, limit = bottom; i >= 0; i--, limit -= step) order[i].y = Math.min(order[i].y, limit)
  return order.toSorted((a, b) => a.n - b.n).map(({ y }) => y)
}

const MARKS = [
  (x, y) => `<circle cx="${x}" cy="${y}" r="3.5"/>`,
  (x, y) => `<rect x="${x - 3}" y="${y - 3}" width="6" height="6"/>`,
  (x, y) => `<path d="M${x} ${y - 4.5}l4 7.5h-8z"/>`,
  (x, y) => `<path d="M${x} ${y - 4.5}l4.5 4.5-4.5 4.5-4.5-4.5z"/>`,
]

function grid(xs, ys, toX, toY) {
  const vertical = xs.map(value => `<line x1="${toX(value)}" y1="${PLOT.top}" x2="${toX(value)}" y2="${PLOT.bottom}"/>`)
  const horizontal = ys.map(value => `<line x1="${PLOT.left}" y1="${toY(value)}" x2="${PLOT.right}" y2="${toY(value)}"/>`)
  const below = xs.map(value => `<text x="${toX(value)}" y="${PLOT.bottom + 17}" text-anchor="middle">${short(value)}</text>`)
  const beside = ys.map(value => `<text x="${PLOT.left - 7}" y="${toY(value) + 4}" text-anchor="end">${short(value)}</text>`)
  return `<g stroke="${INK.grid}">${[...vertical, ...horizontal].join('')}</g><g fill="${INK.quiet}">${[...below, ...beside].join('')}</g>`
}

/** One pair of axes with the curves of one unit. */
function panel({ title, axis }, { unit, curves }, points, [left, top]) {
  const sizes = points.map(({ size }) => size)
  const valuesOf = name => points.map(({ figures }) => Math.max(figures[name], 1e-3))
  const values = curves.flatMap(({ of }) => of.flatMap(valuesOf))
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const middle = Math.sqrt(least * most)
  const reach = Math.sqrt(Math.max(LEAST_RANGE, most / least))
  const ticks = ticksBetween(middle / reach, middle * reach)
  const scale = (from, to, low, high) => value => round(from + (to - from) * Math.log(value / low) / Math.log(high / low))
  const toX = scale(PLOT.left + 12, PLOT.right - 12, sizes[0], sizes.at(-1))
  const toY = scale(PLOT.bottom, PLOT.top, ticks[0], ticks.at(-1))
  const along = name => points.map(({ size }, n) => `${n ? 'L' : 'M'}${toX(size)} ${toY(valuesOf(name)[n])}`).join('')
  const places = apart(curves.map(({ of: [name] }) => toY(valuesOf(name).at(-1))), LABEL_STEP, PLOT.bottom)
  const drawn = curves.map((curve, n) => {
    const [name, worst] = curve.of
    const { growth } = growthOf(curve, points)
    return `<g stroke="${COLOURS[n]}" fill="none" stroke-width="2"><path d="${along(name)}"/>${worst ? `<path d="${along(worst)}" stroke-width="1.2" stroke-dasharray="${DASHES}"/>` : ''}</g>`
      + `<g fill="${COLOURS[n]}">${points.map(({ size }, i) => MARKS[n](toX(size), toY(valuesOf(name)[i]))).join('')}`
      + `<text x="${PLOT.right + 8}" y="${round(places[n] + 4)}">${curves.length > 1 ? `${escape(curve.title)} ` : ''}<tspan font-weight="600">${Number.isFinite(growth) ? `× ${growth.toFixed(1)}` : 'unanswered'}</tspan></text></g>`
  })
  const span = sizes.at(-1) / sizes[0]
  const guide = `<path d="M${toX(sizes[0])} ${toY(ticks[0])}L${toX(sizes.at(-1))} ${Math.max(PLOT.top, toY(ticks[0] * span))}" stroke="${INK.quiet}" stroke-dasharray="1 4" fill="none"/>`
  return `<g transform="translate(${left} ${top})">`
    + `<text x="${PLOT.left}" y="24" fill="${INK.text}" font-size="14" font-weight="600">${escape(title[0].toUpperCase() + title.slice(1))}, ${escape(unit)}</text>`
    + `${grid(sizes, ticks, toX, toY)}${guide}`
    + `<text x="${(PLOT.left + PLOT.right) / 2}" y="${PLOT.bottom + 36}" text-anchor="middle" fill="${INK.quiet}">${escape(axis)}</text>${drawn.join('')}</g>`
}

/** At most four curves of one unit are drawn through one pair of axes. */
function panelsOf({ title, curves }) {
  const panels = []
  for (const curve of curves) {
    const named = curve.panel ?? (curves.filter(({ unit }) => unit === curve.unit).length > 1 ? title : curve.title)
    const there = panels.find(({ name, unit }) => name === named && unit === curve.unit)
    if (there) there.curves.push(curve)
    else panels.push({ name: named, unit: curve.unit, curves: [curve] })
  }
  return panels
}

/** What a picture shows, for those who do not see it. */
function told({ axis, curves, points }) {
  const sizes = points.map(({ size }) => size.toLocaleString('en')).join(', ')
  const each = curves.map(({ title, unit, of: [name] }) => `${title}: ${points.map(({ figures }) => `${figures[`${name}GaveUp`] ? 'not in ' : ''}${Number(figures[name].toPrecision(3))} ${unit}`).join(', ')}`)
  return `At ${sizes} ${axis}. ${each.join('. ')}.`
}

/**
 * One family's curves.
 *
 * @param {import('./bends.mjs').Measured} family
 * @param {string} date when it was measured
 * @returns {string} an SVG document
 */
export function picture(family, date) {
  const panels = panelsOf(family)
  const columns = Math.min(2, panels.length)
  const legend = ['× is the growth per sixteen times as much.', `Dotted: what grows in step.${family.curves.some(({ of }) => of.length > 1) ? ' Dashed: p99.' : ''} ${date}`]
  const [width, height] = [columns * PANEL.width, Math.ceil(panels.length / columns) * PANEL.height + 10 + legend.length * LEGEND_STEP]
  const drawn = panels.map((one, n) => panel({ title: one.name, axis: family.axis }, one, family.points, [n % columns * PANEL.width, Math.floor(n / columns) * PANEL.height]))
  const below = legend.map((line, n) => `<text x="${PLOT.left}" y="${height - 14 - (legend.length - 1 - n) * LEGEND_STEP}" fill="${INK.quiet}">${escape(line)}</text>`)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc" font-family="system-ui, sans-serif" font-size="12">`
    + `<title id="title">${escape(family.title)}</title><desc id="desc">${escape(told(family))}</desc>`
    + `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="${INK.page}" stroke="${INK.frame}"/>`
    + `${drawn.join('')}${below.join('')}</svg>\n`
}
