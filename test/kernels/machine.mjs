/**
 * A guest machine: qemu with a kernel and a root file system in memory, without network, disks or a screen. It emulates
 * (TCG): on a virtual machine, /dev/kvm may exist and not work.
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const MEMORY_MIB = 2048
/**
 * Without AVX, which glibc and Node use where available and which is expensive to emulate: this takes a sixth less
 * processor time than everything that qemu can emulate.
 */
const PROCESSOR = 'Nehalem'
/**
 * norandmaps: qemu can reuse the code that it translated for one process in the next one, which saves a fifth of the
 * time. mitigations=off: a guest is not attacked, and mitigations cost an emulated processor more than a real one.
 */
const KERNEL_OPTIONS = 'console=ttyS0 loglevel=4 panic=-1 norandmaps mitigations=off'
/** How much of the console is shown if a guest did not finish. */
const CONSOLE_LINES = 40

const running = new Set()

/** Ends every running guest. */
export function stopMachines() {
  for (const child of running) child.kill('SIGKILL')
}

/**
 * Boots and waits for the end; a guest that is silent for `silentMinutes` is hung and is ended. `onLine` gets each line
 * of the guest's second serial port; the first is the console, which goes to the file `console`. Resolves to the reason
 * why the guest did not power itself off (null if it did) and to the end of its console.
 */
export async function runMachine({ kernel, initrd, console, silentMinutes, onLine }) {
  const child = spawn(
    'qemu-system-x86_64',
    [
      ...['-machine', 'accel=tcg', '-cpu', PROCESSOR, '-smp', '2', '-m', `${MEMORY_MIB}M`],
      ...['-kernel', kernel, '-initrd', initrd, '-append', KERNEL_OPTIONS],
      ...['-display', 'none', '-monitor', 'none', '-nodefaults', '-nic', 'none', '-no-reboot'],
      ...['-serial', `file:${console}`, '-serial', 'stdio'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  running.add(child)
  let words = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    words += text
  })
  let hung = false
  const timer = setTimeout(() => {
    hung = true
    child.kill('SIGKILL')
  }, silentMinutes * 60_000)
  createInterface({ input: child.stdout }).on('line', (line) => {
    timer.refresh()
    onLine(line)
  })
  const status = await new Promise((resolve) => {
    child.on('error', (error) => {
      words += error.message
      resolve(1)
    })
    child.on('close', (code) => resolve(code ?? 1))
  })
  clearTimeout(timer)
  running.delete(child)
  const why = hung ? `it was silent for ${silentMinutes} minutes` : `qemu ended with status ${status}: ${words.trim()}`
  return { why: status === 0 ? null : why, console: lastLines(console) }
}

function lastLines(file) {
  try {
    return readFileSync(file, 'latin1').trimEnd().split(/\r?\n/).slice(-CONSOLE_LINES).join('\n')
  } catch {
    return ''
  }
}
