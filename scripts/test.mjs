import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBuild, nuxt, root, run } from './build.mjs'
import { ensureChromium, ensurePrograms } from './programs.mjs'

/** The names given with `--project`; none means every suite. */
function chosenProjects(args) {
  return args.flatMap((arg, at) => {
    if (arg.startsWith('--project=')) return [arg.slice('--project='.length)]
    return args[at - 1] === '--project' ? [arg] : []
  })
}

/**
 * Counts over every suite. A file that could not be loaded, or whose setup failed, and an error outside any
 * test each count as one failure: nothing that went wrong may look like success.
 */
function count(report, exitCode) {
  let passed = 0
  let failed = 0
  for (const file of report?.testResults ?? []) {
    const states = file.assertionResults.map(test => test.status)
    passed += states.filter(state => state === 'passed').length
    const broken = states.filter(state => state === 'failed').length
    failed += file.status === 'failed' ? Math.max(broken, 1) : broken
  }
  return { passed, failed: exitCode !== 0 ? Math.max(failed, 1) : failed }
}

/** Names what passed only at its second try, and why the first failed: it counts as passed, and is a defect to look for. */
function nameUnsteady(report) {
  for (const { fullName, status, failureMessages } of (report?.testResults ?? []).flatMap(file => file.assertionResults)) {
    if (status === 'passed' && failureMessages.length > 0) console.log(`passed at the second try: ${fullName}\n  ${failureMessages[0].split('\n').slice(0, 6).join('\n  ')}`)
  }
}

/** Runs vitest once. @param {string[]} args @returns {Promise<{ passed: number, failed: number }>} */
async function runSuites(args) {
  const folder = mkdtempSync(join(tmpdir(), 'lastra-test-'))
  const output = join(folder, 'report.json')
  const code = await run(process.execPath, [
    join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...args,
    '--reporter=default', '--reporter=json', `--outputFile.json=${output}`,
  ])
  const report = existsSync(output) ? JSON.parse(readFileSync(output, 'utf8')) : undefined
  rmSync(folder, { recursive: true, force: true })
  nameUnsteady(report)
  return count(report, code)
}

/** What each stage took, said in one line that `.ci/run` puts into its table. */
async function timed(name, work) {
  const began = performance.now()
  const result = await work()
  console.log(`stage ${name}: ${Math.round((performance.now() - began) / 1000)} s`)
  return result
}

/** Makes what browsers and real servers of the tests need. @returns {Promise<boolean>} whether it is there */
async function readyForEndToEnd() {
  const chromium = await ensureChromium()
  if (!chromium) return false
  process.env.CHROMIUM_PATH = chromium
  return await timed('build', ensureBuild) === 0
}

const FAILED = { passed: 0, failed: 1 }

/** Every suite, each in a run of its own: what needs the build comes last, and each has a time. */
async function runAll() {
  const counts = []
  for (const project of ['unit', 'postgres', 'nuxt']) counts.push(await timed(project, () => runSuites(['--project', project])))
  counts.push(await readyForEndToEnd() ? await timed('e2e', () => runSuites(['--project', 'e2e'])) : FAILED)
  return { passed: counts.reduce((sum, { passed }) => sum + passed, 0), failed: counts.reduce((sum, { failed }) => sum + failed, 0) }
}

async function main() {
  const args = process.argv.slice(2)
  if (!existsSync(join(root, '.nuxt/tsconfig.json'))) await nuxt(['prepare'])
  const projects = chosenProjects(args)
  if (!(projects.length === 1 && projects.includes('nuxt')) && !await ensurePrograms()) return FAILED
  if (args.length === 0) return runAll()
  if ((projects.length === 0 || projects.includes('e2e')) && !await readyForEndToEnd()) return FAILED
  return runSuites(args)
}

const { passed, failed } = await main()
process.exitCode = failed > 0 ? 1 : 0
console.log(`${passed} passed, ${failed} failed`)
