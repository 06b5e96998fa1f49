/** What building the addon needs of the machine, and what is wrong where a step of the set-up fails. Pure but for looking at files. */
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

const TOOLS = ['g++', 'make', 'python3']

/**
 * The tools that building the addon needs and that are not on the PATH, as a sentence; null where all are there.
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
 * The folder that holds the headers of this Node, as node-gyp takes it (--nodedir): beside its binary, where archives,
 * version managers and distributions put them. Null where they are not there: node-gyp fetches them then.
 * @param {string} executable
 * @param {string} version
 * @returns {string | null}
 */
export function headersBeside(executable, version) {
  const folder = dirname(dirname(realpathSync(executable)))
  try {
    const header = readFileSync(join(folder, 'include/node/node_version.h'), 'utf8')
    // The addon uses Node-API alone, which does not change within a major version.
    const major = /^#define NODE_MAJOR_VERSION (\d+)$/m.exec(header)?.[1]
    return major === version.split('.')[0] && existsSync(join(folder, 'include/node/common.gypi')) ? folder : null
  } catch {
    return null
  }
}

const NETWORK =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|UNABLE_TO_\w+|SELF_SIGNED\w*|CERT_\w+)\b/
const GYP_NETWORK = /related to network connectivity/

/** What failed steps print, and what that means. */
const CAUSES = [
  {
    printed: GYP_NETWORK,
    cause: () =>
      "the headers of this Node are not beside it, and node-gyp could not fetch them. Install them (Debian's own nodejs: " +
      'apt install libnode-dev), or name a folder that has include/node: npm_config_nodedir=FOLDER',
  },
  { printed: NETWORK, cause: (code) => `the npm registry could not be reached (${code})` },
  { printed: /\bENOSPC\b/, cause: () => 'the disk is full' },
  {
    printed: /\b(?:EACCES|EROFS|EPERM)\b.*?(?<path>\/[^'"\s]+)/,
    cause: (_code, path) => `this user may not write ${path}`,
  },
  {
    printed: /unrecognized command[- ]line option '-std=(?:gnu|c)\+\+20'/,
    cause: () => 'the C++ compiler is too old: it needs C++20 (g++ 10 or later)',
  },
]

/**
 * The cause of a failed step in one sentence; null where what it printed is of no known kind.
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
