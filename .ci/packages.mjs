/**
 * Packages the terminal program for machines without Node.js, `npm run packages`: out/packages/ gets the single executable
 * (.ci/single.mjs) with its completion scripts, its systemd unit, and what Prometheus and Grafana need, as .tar.xz, .deb
 * and, where rpmbuild is installed, .rpm; a list of what is in it (SBOM, CycloneDX); and checksums.
 *
 *   node .ci/packages.mjs [--uncompressed]     a quick .tar instead of the .tar.xz, and the same for the other two
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { noticesOf, sbomOf } from '../assets/licenses/notices.mjs'

const { values: options } = parseArgs({ options: { uncompressed: { type: 'boolean', default: false } } })
const compressed = !options.uncompressed
const root = resolve(import.meta.dirname, '..')
const out = join(root, 'out/packages')
const { version, license, homepage } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const run = (command, args, cwd = root) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'] })

/** The package with the window brings the same command; a conflict that one of two names holds for both. */
const NAME = 'reuseport-inspector-cli'
const WITH_WINDOW = 'reuseport-inspector'
/** By Node's name of the architecture, as Debian and rpm call it. */
const { debian, rpm } = { x64: { debian: 'amd64', rpm: 'x86_64' }, arm64: { debian: 'arm64', rpm: 'aarch64' } }[
  process.arch
]
const SUMMARY = 'inspector of the sockets that share a port, for the terminal'
const DESCRIPTION = [
  'Shows every group of sockets that shares a port with SO_REUSEPORT: who owns',
  'each member, how full its queue is, what it drops, and whether the load is',
  'spread as it should be. The terminal program and its page for a browser.',
]

const program = run('node', ['.ci/single.mjs']).trim().split('\n').at(-1) ?? ''
rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })

/** Everything as it is installed. */
const tree = join(out, 'tree')
function put(path, content, mode = 0o644) {
  mkdirSync(dirname(join(tree, path)), { recursive: true })
  writeFileSync(join(tree, path), content)
  chmodSync(join(tree, path), mode)
}
put('usr/bin/reuseport-inspector', readFileSync(program), 0o755)
const completions = {
  bash: 'usr/share/bash-completion/completions/reuseport-inspector',
  zsh: 'usr/share/zsh/vendor-completions/_reuseport-inspector',
  fish: 'usr/share/fish/vendor_completions.d/reuseport-inspector.fish',
}
for (const [shell, path] of Object.entries(completions)) put(path, run(program, ['completion', shell]))
for (const page of readdirSync(join(root, 'assets/man'))) {
  put(`usr/share/man/man1/${page}.gz`, gzipSync(readFileSync(join(root, 'assets/man', page)), { level: 9 }))
}
put(
  'usr/lib/systemd/system/reuseport-inspector.service',
  readFileSync(join(root, 'assets/terminal/reuseport-inspector.service')),
)
// For "Show what root sees" in the browser, where a desktop asks for passwords.
const polkit = join(root, 'assets/polkit')
put('usr/lib/reuseport-inspector/root-engine', readFileSync(join(polkit, 'root-engine')), 0o755)
const policy = 'org.example.reuseport-inspector.policy'
put(`usr/share/polkit-1/actions/${policy}`, readFileSync(join(polkit, policy)))
const schemas = readdirSync(join(root, 'assets')).filter((name) => name.endsWith('.schema.json'))
for (const asset of ['prometheus', 'grafana', ...schemas]) {
  cpSync(join(root, 'assets', asset), join(tree, 'usr/share/reuseport-inspector', asset), { recursive: true })
}
const documents = `usr/share/doc/${NAME}`
put(`${documents}/copyright`, readFileSync(join(root, 'LICENSE')))
const bundles = [join(root, 'out/single/bundle'), join(root, 'dist/renderer')]
const hasBpfReader = existsSync(join(root, 'native/build/Release/reuseport-bpf'))
put(`${documents}/THIRD-PARTY-NOTICES.md`, noticesOf(root, bundles, hasBpfReader))
put(`${documents}/changelog.gz`, gzipSync(readFileSync(join(root, 'CHANGELOG.md')), { level: 9 }))

const packages = [makeTar(), makeDeb(), ...(spawnSync('rpmbuild', ['--version']).error ? [] : [makeRpm()])]
const sbom = `${WITH_WINDOW}-${version}.cdx.json`
writeFileSync(join(out, sbom), sbomOf(root, bundles, hasBpfReader))
rmSync(tree, { recursive: true })
const sums = [...packages, sbom].map(
  (name) =>
    `${createHash('sha256')
      .update(readFileSync(join(out, name)))
      .digest('hex')}  ${name}\n`,
)
writeFileSync(join(out, 'SHA256SUMS'), sums.join(''))
for (const name of readdirSync(out)) console.log(join(out, name))

/** Unpacked anywhere: the executable is in its bin/. */
function makeTar() {
  const folder = `reuseport-inspector-${version}-linux-${process.arch}`
  const name = compressed ? `${folder}.tar.xz` : `${folder}.tar`
  const same = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', `--transform=s,^usr,${folder},`]
  run('tar', ['--create', '--auto-compress', `--file=${join(out, name)}`, ...same, `--directory=${tree}`, 'usr'])
  return name
}

function makeDeb() {
  const name = `${NAME}_${version}_${debian}.deb`
  const staged = join(out, 'deb')
  cpSync(tree, staged, { recursive: true })
  mkdirSync(join(staged, 'DEBIAN'))
  const fields = [
    `Package: ${NAME}`,
    `Version: ${version}`,
    `Architecture: ${debian}`,
    'Section: net',
    'Priority: optional',
    'Maintainer: The Reuseport Inspector authors <noreply@localhost>',
    ...(homepage ? [`Homepage: ${homepage}`] : []),
    // Node.js is in it, and names no library beyond these.
    'Depends: libc6 (>= 2.28), libstdc++6',
    `Conflicts: ${WITH_WINDOW}`,
    `Replaces: ${WITH_WINDOW}`,
    `Description: ${SUMMARY}`,
    ...DESCRIPTION.map((line) => ` ${line}`),
  ]
  writeFileSync(join(staged, 'DEBIAN/control'), `${fields.join('\n')}\n`)
  run('dpkg-deb', [
    '--root-owner-group',
    ...(compressed ? ['-Zxz', '-z9'] : ['-Znone']),
    '--build',
    staged,
    join(out, name),
  ])
  rmSync(staged, { recursive: true })
  return name
}

function makeRpm() {
  const name = `${NAME}-${version}-1.${rpm}.rpm`
  const topdir = join(out, 'rpm')
  mkdirSync(topdir)
  const spec = [
    // The executable is complete, and its blob must not be stripped.
    '%global __os_install_post %{nil}',
    '%global debug_package %{nil}',
    `%global _binary_payload ${compressed ? 'w9.xzdio' : 'w.ufdio'}`,
    `Name: ${NAME}`,
    `Version: ${version}`,
    'Release: 1',
    `Summary: ${SUMMARY}`,
    `License: ${license}`,
    ...(homepage ? [`URL: ${homepage}`] : []),
    'AutoReqProv: no',
    'Requires: glibc >= 2.28, libstdc++',
    `Conflicts: ${WITH_WINDOW}`,
    '%description',
    ...DESCRIPTION,
    '%install',
    `mkdir -p %{buildroot} && cp -a ${tree}/usr %{buildroot}/`,
    '%files',
    '%defattr(-,root,root)',
    '/usr',
  ]
  writeFileSync(join(topdir, `${NAME}.spec`), `${spec.join('\n')}\n`)
  run('rpmbuild', ['-bb', '--quiet', '--target', rpm, '--define', `_topdir ${topdir}`, join(topdir, `${NAME}.spec`)])
  run('mv', [join(topdir, 'RPMS', rpm, name), join(out, name)])
  rmSync(topdir, { recursive: true })
  return name
}
