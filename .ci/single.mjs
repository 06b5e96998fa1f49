/**
 * Builds the single executable, `npm run single`: out/single/reuseport-inspector-linux-x64 (or -arm64, on such a machine),
 * which needs no Node.js. It is Node.js with the terminal program, the addon, the lab and the page in it (Node.js, "Single
 * executable applications"). Prints its path.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { LIST } from '../assets/licenses/notices.mjs'
import { setUp } from '../electron/launch/setup.mjs'

/** Node.js 26 needs libatomic, which a minimal Debian lacks. */
const NODE = '24.22.3'
/** Of the packages node-linux-ARCH; a registry could give something else. */
const INTEGRITY = {
  x64: 'sha512-KHsob+Fv9YerATvYujMbiyJqnRCvLtrcr/eTNqRqiOSGp97EOiRP1yP47+knGgQ/xnc3XY8xzkW587dlZzNqRA==',
  arm64: 'sha512-IZx0J52/1NDwAsY2iyWR9nlPIYuYviTWetjj8+ElvYQh2+XRhLfCfkbFEF/2O5vGI2hcUbyPNHV+nz342FbJXw==',
}
/** As `uname -m` prints them. */
const MACHINES = { x64: 'x86_64', arm64: 'aarch64' }
/** Loaded or started; the order is that of parts.json. */
const PROGRAMS = ['reuseport.node', 'reuseport-lab', 'reuseport-bpf']
/** Where postject marks Node.js as a single executable; the documentation names it. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

const root = resolve(import.meta.dirname, '..')
const out = join(root, 'out/single')
const run = (command, args, cwd = root) => execFileSync(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })

/** The program of Node.js, from its package, which is kept. */
function node(arch) {
  const folder = join(out, `node-${NODE}-${arch}`)
  const program = join(folder, 'package/bin/node')
  if (existsSync(program)) return program
  mkdirSync(folder, { recursive: true })
  const [{ filename, integrity }] = JSON.parse(
    run('npm', ['pack', '--json', '--silent', '--pack-destination', folder, `node-linux-${arch}@${NODE}`]),
  )
  const archive = join(folder, filename)
  const hash = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`
  if (hash !== INTEGRITY[arch]) throw new Error(`node-linux-${arch}@${NODE} is not the expected one: ${integrity}`)
  run('tar', ['xzf', archive, '-C', folder])
  rmSync(archive)
  return program
}

/** To the notices of the packages in the bundle. */
function addNodeNotice(folder) {
  const list = join(out, 'bundle', LIST)
  const text = readFileSync(join(folder, 'LICENSE'), 'utf8')
  const notices = [
    ...JSON.parse(readFileSync(list, 'utf8')),
    { name: 'Node.js', version: NODE, identifier: 'MIT', text },
  ]
  writeFileSync(list, JSON.stringify(notices))
}

/** The paths of the C library that these programs need, and that of its loader, which they name. */
function libcOf(programs) {
  const [, loader] = /program interpreter: (.*)\]/.exec(run('readelf', ['--wide', '--program-headers', programs[0]]))
  const listed = programs.flatMap((path) => [...String(run('ldd', [path])).matchAll(/ => (\/\S+)/g)])
  return { loader, paths: [...new Set([loader, ...listed.map(([, path]) => path)])] }
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

const arch = process.arch
setUp({ bundles: ['renderer'] })
run('npx', ['vite', 'build', '-c', 'vite.single.config.ts', '--logLevel', 'warn'])

const native = join(root, 'native/build/Release')
// The reader of the kernel's own groups is built only where libbpf is.
const CODE = PROGRAMS.filter((name) => existsSync(join(native, name)))
const page = filesBelow(join(root, 'dist/renderer')).filter((path) => !path.endsWith('licenses.json'))
/** Without the symbols that only a debugger reads. */
function stripped(name) {
  const path = join(out, name)
  run('strip', ['-o', path, join(native, name)])
  return path
}
const assets = {
  'file-worker.cjs': join(out, 'bundle/file-worker.cjs'),
  ...Object.fromEntries(CODE.map((name) => [name, stripped(name)])),
  ...Object.fromEntries(page.map((path) => [`page/${relative(join(root, 'dist/renderer'), path)}`, path])),
}
for (const path of filesBelow(join(out, 'bundle/carried'))) assets[relative(join(out, 'bundle/carried'), path)] = path

const unpacked = Object.keys(assets).filter((name) => CODE.includes(name) || name.startsWith('page/'))
const runtime = node(arch)
const { loader, paths } = libcOf([runtime, join(native, 'reuseport.node')])
const libcHash = createHash('sha256')
rmSync(join(out, 'libc'), { recursive: true, force: true })
mkdirSync(join(out, 'libc'), { recursive: true })
for (const path of paths) {
  const packed = join(out, 'libc', basename(path))
  writeFileSync(packed, brotliCompressSync(readFileSync(path)))
  assets[`libc/${basename(path)}`] = packed
  libcHash.update(`${basename(path)}\0`).update(readFileSync(path))
}
const libc = { id: libcHash.digest('hex').slice(0, 16), loader, libraries: paths.map((path) => basename(path)) }

const hash = createHash('sha256')
for (const name of unpacked) hash.update(`${name}\0`).update(readFileSync(assets[name]))
const parts = {
  id: hash.copy().digest('hex').slice(0, 16),
  code: CODE,
  files: unpacked.filter((name) => !CODE.includes(name)),
}
assets['parts.json'] = join(out, 'parts.json')
const bundle = join(out, 'bundle/cli.cjs')
hash.update(NODE).update(readFileSync(bundle)).update(readFileSync(assets['file-worker.cjs']))
assets['program.json'] = join(out, 'program.json')
const id = hash.digest('hex').slice(0, 16)
writeFileSync(assets['program.json'], JSON.stringify({ id, machine: MACHINES[arch], libc }))
writeFileSync(assets['parts.json'], JSON.stringify(parts))

const configuration = {
  main: bundle,
  output: join(out, 'program.blob'),
  disableExperimentalSEAWarning: true,
  useCodeCache: true,
  // Else NODE_OPTIONS could run other code, as root too.
  execArgvExtension: 'none',
  assets,
}
writeFileSync(join(out, 'sea.json'), JSON.stringify(configuration))
run(runtime, ['--experimental-sea-config', join(out, 'sea.json')])
addNodeNotice(dirname(dirname(runtime)))

const program = join(out, `reuseport-inspector-linux-${arch}`)
copyFileSync(runtime, `${program}.new`)
chmodSync(`${program}.new`, 0o755)
run('strip', [`${program}.new`])
run('npx', ['postject', `${program}.new`, 'NODE_SEA_BLOB', configuration.output, '--sentinel-fuse', FUSE])
run('mv', [`${program}.new`, program])
console.log(program)
