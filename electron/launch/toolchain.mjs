/** What building the addon needs on the machine, and why a setup step failed. Reads files, but runs nothing. */
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

const TOOLS = ['g++', 'make', 'python3']

/**
 * The build tools that are missing from the PATH, as a sentence; null where none is.
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | null}
 */
export function missingTools(env) {
  const folders = (env.PATH ?? '').split(delimiter)
  const chosen = { 'g++': env.CXX, python3: env.PYTHON ?? env.npm_config_python }
  const missing = TOOLS.filter((tool) => !chosen[tool] && !folders.some((folder) => existsSync(join(folder, tool))))
  if (missing.length === 0) return null
  const are = missing.length === 1 ? 'is' : 'are'
  return `${missing.join(' and ')} ${are} not installed (Debian, Ubuntu: apt install ${missing.join(' ')})`
}

/**
 * The folder with the headers of this Node, for node-gyp's --nodedir: beside its binary, where archives, version
 * managers and distributions put them. Null where they are missing: node-gyp then fetches them.
 * @param {string} executable
 * @param {string} version
 * @returns {string | null}
 */
export function headersBeside(executable, version) {
  const folder = dirname(dirname(realpathSync(executable)))
  try {
    const header = readFileSync(join(folder, 'include/node/node_version.h'), 'utf8')
    // The addon uses only Node-API, which does not change within a major version.
    const major = /^#define NODE_MAJOR_VERSION (\d+)$/m.exec(header)?.[1]
    return major === version.split('.')[0] && existsSync(join(folder, 'include/node/common.gypi')) ? folder : null
  } catch {
    return null
  }
}

const NETWORK =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|UNABLE_TO_\w+|SELF_SIGNED\w*|CERT_\w+)\b/
const GYP_NETWORK = /related to network connectivity/

/** Error output of failed steps, and its cause. */
const CAUSES = [
  {
    printed: GYP_NETWORK,
    cause: () =>
      "this Node's headers are not installed, and node-gyp could not fetch them. Install them (with Debian's nodejs: " +
      'apt install libnode-dev), or name a folder that contains include/node: npm_config_nodedir=FOLDER',
  },
  { printed: NETWORK, cause: (code) => `cannot reach the npm registry (${code})` },
  { printed: /\bENOSPC\b/, cause: () => 'the disk is full' },
  {
    printed: /\b(?:EACCES|EROFS|EPERM)\b.*?(?<path>\/[^'"\s]+)/,
    cause: (_code, path) => `this user cannot write to ${path}`,
  },
  {
    printed: /unrecognized command[- ]line option '-std=(?:gnu|c)\+\+20'/,
    cause: () => 'the C++ compiler is too old: it needs C++20 (g++ 10 or later)',
  },
]

/**
 * The cause of a failed step in one sentence; null where its output is not recognized.
 * @param {string} printed
 * @returns {string | null}
 */
export function causeOf(printed) {
  for (const { printed: pattern, cause } of CAUSES) {
    const match = pattern.exec(printed)
    if (match !== null) return cause(match[1] ?? match[0], match.groups?.path)
  }
  return null
}
