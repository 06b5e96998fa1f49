/**
 * Debian's kernels, from the mirror configured on this machine, with apt's own check of signatures. Everything is kept
 * in a cache folder with its own lists: the machine's installed packages and apt's lists stay unchanged.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** The kernels, by the start of their version, with the Debian release of each. */
export const kernels = [
  { version: '5.10', suite: 'bullseye' },
  { version: '6.1', suite: 'bookworm' },
  { version: '6.12', suite: 'bookworm-backports' },
]

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'reuseport-inspector/kernels')
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
const SOURCES = '/etc/apt'

/**
 * Returns the folder with a kernel's unpacked package (`boot/`, `lib/modules/`).
 * @throws with the reason, if it is not available.
 */
export function kernelFolder({ version, suite }) {
  const done = join(cache, version)
  if (existsSync(join(done, 'boot'))) return done
  const work = join(cache, `${version}.${process.pid}`)
  mkdirSync(join(work, 'archives/partial'), { recursive: true })
  try {
    unpack(download(version, suite, work), join(work, 'unpacked'))
    renameSync(join(work, 'unpacked'), done)
    return done
  } catch (error) {
    // Another run may have been faster.
    if (existsSync(join(done, 'boot'))) return done
    throw error
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Downloads the image that the newest `linux-image-amd64` of this version depends on. */
function download(version, suite, work) {
  const apt = aptOptions(suite, work)
  run('apt-get', [...apt, 'update', '-q'])
  const offered = run('apt-cache', [...apt, 'show', 'linux-image-amd64'])
  const image = [...offered.matchAll(/^Depends: (linux-image-\S+)/gm)]
    .map(([, name]) => name)
    .find((name) => name.startsWith(`linux-image-${version}.`))
  if (image === undefined) throw new Error(`${suite} offers no kernel ${version}`)
  run('apt-get', [...apt, 'download', '-q', image], join(work, 'archives'))
  const [file] = readdirSync(join(work, 'archives')).filter((name) => name.endsWith('.deb'))
  if (file === undefined) throw new Error(`${image} was not downloaded`)
  return join(work, 'archives', file)
}

/** Options for apt: its own folders, and sources with this suite of the configured mirrors. */
function aptOptions(suite, work) {
  if (!existsSync(KEYRING)) throw new Error(`${KEYRING} is missing: install debian-archive-keyring`)
  const [main, security] = mirrors()
  if (main === undefined) throw new Error('no Debian mirror is configured in /etc/apt')
  const line = (uri, of) => `deb [signed-by=${KEYRING}] ${uri} ${of} main\n`
  // The security archive has a release's newest packages; backports have no security archive.
  const withSecurity = security !== undefined && !suite.endsWith('-backports')
  writeFileSync(
    join(work, 'sources.list'),
    line(main, suite) + (withSecurity ? line(security, `${suite}-security`) : ''),
  )
  mkdirSync(join(work, 'lists/partial'), { recursive: true })
  return [
    `Dir::Etc::sourcelist=${join(work, 'sources.list')}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${join(work, 'lists')}`,
    `Dir::Cache=${work}`,
    // apt's sandbox user cannot write to the cache folder.
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
  ].flatMap((option) => ['-o', option])
}

/** Addresses of the Debian archive and its security archive, from the machine's own sources. */
function mirrors() {
  const lists = [join(SOURCES, 'sources.list')]
  const parts = join(SOURCES, 'sources.list.d')
  if (existsSync(parts))
    lists.push(
      ...readdirSync(parts)
        .filter((name) => /\.(list|sources)$/.test(name))
        .map((name) => join(parts, name)),
    )
  const text = lists
    .filter((path) => existsSync(path))
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n')
    .replaceAll(/^\s*#.*$/gm, '')
  const addresses = [...text.matchAll(/\b(?:https?|mirror\S*):\/\/\S+/g)].map(([address]) => address)
  const ending = (word) => addresses.find((address) => new RegExp(`/${word}/?$`).test(address))
  return [ending('debian'), ending('debian-security')]
}

function unpack(file, folder) {
  mkdirSync(folder)
  run('dpkg-deb', ['--extract', file, folder])
}

function run(program, args, cwd) {
  const { status, error, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 27 })
  if (status === 0) return stdout
  throw new Error(
    `${program} ${args.at(-2)} ${args.at(-1)}: ${error?.message ?? (stderr.trim().split('\n').at(-1) || `status ${status}`)}`,
  )
}
