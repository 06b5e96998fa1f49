/**
 * Prints a linker flag where the C++ compiler has the libraries as archives, and nothing elsewhere:
 * `node static-flag.mjs -static libc.a libstdc++.a`. What is linked that way needs no library of the machine that runs it.
 */
import { spawnSync } from 'node:child_process'
import { isAbsolute } from 'node:path'

const compiler = process.env.CXX || 'c++'
// Without a file it prints the bare name.
const isThere = (library) =>
  isAbsolute(spawnSync(compiler, [`-print-file-name=${library}`], { encoding: 'utf8' }).stdout?.trim() ?? '')
const [flag, ...libraries] = process.argv.slice(2)
console.log(libraries.every(isThere) ? flag : '')
