/**
 * Exits with advice where this Node is too old. Imported first by every entry point, so it uses only JavaScript that
 * every Node with ES modules can parse.
 */
import fs from 'node:fs'

const { engines } = JSON.parse(fs.readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

const problem = nodeProblem(process.versions.node, engines.node)
if (problem !== null) {
  process.stderr.write(`reuseport-inspector: ${problem}\n`)
  // ExitStatus.Failed of the terminal program.
  process.exit(3)
}

/**
 * Why a Node of this version cannot run the program, and what to run instead; null where it can.
 * @param {string} version such as "18.19.0"
 * @param {string} wanted as in package.json: ">=20.19"
 * @returns {string | null}
 */
export function nodeProblem(version, wanted) {
  if (isAtLeast(version, wanted.replace('>=', ''))) return null
  return (
    `Node.js ${wanted.replace('>=', '')} or later is required, and ${process.execPath} is ${version}. ` +
    `To run one command with a newer Node.js without installing it:\n  ${withNewerNode('npm start')}`
  )
}

/**
 * Whether a version is at least the wanted one, by its first two numbers.
 * @param {string} version
 * @param {string} wanted
 */
export function isAtLeast(version, wanted) {
  const [major, minor] = version.split('.').map(Number)
  const [wantedMajor, wantedMinor] = wanted.split('.').map(Number)
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}

/**
 * The command line that runs a command with a Node from the npm registry. Those packages contain the binary and its
 * headers, and have no install scripts.
 * @param {string} command
 */
export function withNewerNode(command) {
  return `npx --yes --package=node-linux-${process.arch}@24 -- ${command}`
}
