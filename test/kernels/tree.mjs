/** The root file system of a guest, in memory: Node, the built product and the tests. */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')
const guest = join(import.meta.dirname, 'guest')
/** The network modules that the tests need. veth is loaded at the start, the others while the tests run. */
const MODULES = [
  'veth',
  'vrf',
  'inet_diag',
  'tcp_diag',
  'udp_diag',
  'nf_defrag_ipv4',
  'nf_defrag_ipv6',
  'nf_conntrack',
  'ip_vs',
]
/** Dependencies of IPVS, where they are not built into the kernel. */
const MAYBE_BUILT_IN = ['crc32c_generic', 'libcrc32c']

/** Creates the tree in `folder`: the same for all `kernels`, which are folders of unpacked packages. */
export async function makeTree(folder, kernels) {
  for (const name of ['bin', 'dev', 'etc', 'modules', 'proc', 'run', 'sys', 'tmp', 'work'])
    mkdirSync(join(folder, name), { recursive: true })
  installPrograms(folder)
  installPython(folder)
  installProduct(join(folder, 'product'))
  await bundleTests(join(folder, 'tests'))
  for (const kernel of kernels) installModules(folder, kernel)
  copyFileSync(join(guest, 'init.sh'), join(folder, 'init'))
  chmodSync(join(folder, 'init'), 0o755)
  writeFileSync(
    join(folder, 'etc/passwd'),
    'root:x:0:0::/work:/bin/sh\nwww-data:x:33:33::/work:/bin/sh\nnobody:x:65534:65534::/work:/bin/sh\n',
  )
}

/** Programs from this machine, with their libraries. */
function installPrograms(folder) {
  const programs = { node: process.execPath, python3: which('python3'), ip: which('ip'), busybox: which('busybox') }
  for (const [name, path] of Object.entries(programs)) copyFileSync(realpathSync(path), join(folder, 'bin', name))
  const addon = join(root, 'native/build/Release')
  const parts = ['reuseport.node', 'reuseport-lab', 'reuseport-bpf'].map((name) => join(addon, name))
  const users = [...Object.values(programs), ...parts.filter((part) => existsSync(part))]
  for (const library of new Set(users.flatMap(librariesOf))) copyTo(folder, library)
}

function librariesOf(program) {
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' })
  return [...stdout.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map(([, path]) => path)
}

/** The Python modules that the socket maker imports. */
function installPython(folder) {
  const maker = join(root, 'test/integration/support/socket-maker.py')
  const list = `
import os, runpy, sys
sys.argv = [${JSON.stringify(maker)}, '--parent', str(os.getppid())]
runpy.run_path(sys.argv[0], run_name='__main__')
import encodings.ascii, encodings.idna, encodings.latin_1
for module in list(sys.modules.values()):
    for path in (getattr(module, '__file__', None), getattr(module, '__cached__', None)):
        if path and os.path.exists(path): print(path)
`
  const files = run(which('python3'), ['-I', '-c', list])
    .split('\n')
    .filter((path) => path.startsWith('/') && path !== maker)
  for (const file of files) {
    copyTo(folder, file)
    if (file.endsWith('.so')) for (const library of librariesOf(file)) copyTo(folder, library)
  }
}

/** The very files that \`npm run build\` made. */
function installProduct(folder) {
  for (const part of [
    'dist/node',
    'dist/renderer',
    'native/build/Release/reuseport.node',
    'native/build/Release/reuseport-lab',
    'native/build/Release/reuseport-bpf',
    'package.json',
  ].filter((part) => existsSync(join(root, part))))
    cpSync(join(root, part), join(folder, part), { recursive: true })
}

async function bundleTests(folder) {
  const { build } = await import('vite')
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    build: {
      ssr: true,
      outDir: folder,
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rolldownOptions: {
        input: ['without-modules', 'as-user'].map((name) => join(guest, `${name}.ts`)),
        // All in one folder: the socket maker is expected beside the file that starts it.
        output: { entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' },
      },
    },
    ssr: { noExternal: true },
  })
  for (const file of ['run.sh', 'reporter.mjs']) copyFileSync(join(guest, file), join(folder, file))
  copyFileSync(join(root, 'test/integration/support/socket-maker.py'), join(folder, 'socket-maker.py'))
}

/** Copies a kernel's modules to where the guest expects them: modules/RELEASE/. */
function installModules(folder, kernel) {
  const [release] = readdirSync(join(kernel, 'lib/modules'))
  const to = join(folder, 'modules', release)
  mkdirSync(to)
  const files = readdirSync(join(kernel, 'lib/modules', release, 'kernel'), { recursive: true })
  for (const name of [...MODULES, ...MAYBE_BUILT_IN]) {
    const file = files.find((path) => new RegExp(`/${name}\\.ko(\\.xz)?$`).test(path))
    if (file === undefined && MAYBE_BUILT_IN.includes(name)) continue
    if (file === undefined) throw new Error(`kernel ${release} has no module ${name}`)
    copyFileSync(join(kernel, 'lib/modules', release, 'kernel', file), join(to, basename(file)))
  }
}

/** Packs the tree into an archive that a kernel unpacks when it boots. */
export function packTree(folder, archive) {
  const output = openSync(archive, 'w')
  try {
    const { status, stderr, error } = spawnSync(
      'sh',
      ['-c', 'find . | cpio --create --format=newc --owner=0:0 --quiet'],
      { cwd: folder, stdio: ['ignore', output, 'pipe'], encoding: 'utf8' },
    )
    if (status !== 0) throw new Error(`cpio: ${error?.message ?? stderr.trim()}`)
  } finally {
    closeSync(output)
  }
}

function copyTo(folder, path) {
  const to = join(folder, path)
  if (existsSync(to)) return
  mkdirSync(dirname(to), { recursive: true })
  // Compiled Python is used only if its recorded source time matches.
  cpSync(realpathSync(path), to, { preserveTimestamps: true })
}

/** The program from Debian's package, even if another one precedes it in PATH. */
function which(program) {
  return run('sh', ['-c', `PATH=/usr/sbin:/usr/bin:/sbin:/bin command -v ${program}`]).trim()
}

function run(program, args) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.at(-1)}: ${stderr.trim() || 'not found'}`)
  return stdout
}
