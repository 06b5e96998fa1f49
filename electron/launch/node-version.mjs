/**
 * Ends the program where this Node is too old, with a way on. Imported first by everything that a person starts, before
 * anything that an older Node lacks is used; so it is plain JavaScript of the kind that every Node with modules reads.
 */
import fs from 'node:fs'

const { engines } = JSON.parse(fs.readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

const problem = nodeProblem(process.versions.node, engines.node)
if (problem !== null) {
  process.stderr.write(`reuseport-inspector: ${problem}\n`)
  process.exit(1)
}

/**
 * Why a Node of this version cannot run the program, and what does; null where it can.
 * @param {string} version such as "18.19.0"
 * @param {string} wanted as package.json says it: ">=20.19"
 * @returns {string | null}
 */
export function nodeProblem(version, wanted) {
  if (isAtLeast(version, wanted.replace('>=', ''))) return null
  return (
    `this needs Node.js ${wanted.replace('>=', '')} or later, and ${process.execPath} is ${version}. ` +
    `To run one command with a newer one, installing nothing:\n  ${withNewerNode('npm start')}`
  )
}

/**
 * Whether a version is the wanted one or later, by its first two numbers.
 * @param {string} version
 * @param {string} wanted
 */
export function isAtLeast(version, wanted) {
  const [major, minor] = version.split('.').map(Number)
  const [wantedMajor, wantedMinor] = wanted.split('.').map(Number)
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}

/**
 * The command line that runs a command with a Node from the npm registry. These packages hold the binary and its headers,
 * and run no script when they are installed.
 * @param {string} command
 */
export function withNewerNode(command) {
  return `npx --yes --package=node-linux-${process.arch}@24 -- ${command}`
}
