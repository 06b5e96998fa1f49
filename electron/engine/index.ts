/**
 * The engine's door: a front, the window and what they share import nothing else of it, except the library of snapshots
 * (snapshots/index.ts). What takes long to load is loaded by the function that starts it: a command that prints a
 * snapshot loads neither zod nor oRPC.
 */
import { loadAddon } from '../../native/index.ts'
import { bpfProgramBeside } from './collect/bpf-reader.ts'
import { KernelGroups } from './collect/kernel-groups.ts'
import type { Engine, EngineOptions, FarView } from './engine.ts'
import type { EngineCore, EngineCoreOptions } from './engine-core.ts'
import type { SettingsFileReport } from './settings/settings-file.ts'
import type { SettingsStore } from './settings/settings-store.ts'
import type { HistoryFile, HistoryFileOptions } from './stream/history/history-file.ts'

export { withTypedErrors } from './api/typed-errors.ts'
export {
  RECORDED_FRAMES,
  SINGLE_FRAME,
  SINGLE_FRAME_WITHOUT_OWNERS,
  WATCHED_FRAME,
} from './collect/frame-request.ts'
export { problemOfShortfall } from './collect/problems.ts'
export { addressMatcher, findNamespace } from './collect/selection.ts'
export { carriedBytes } from './common/carried.ts'
export { EngineError } from './common/errors.ts'
export { reasonOf } from './common/system-error.ts'
export { replaceFile } from './common/whole-file.ts'
export { endEvenIfBlocked, MAX_END_MS } from './process/end-after-signal.ts'
export { installation } from './process/installation.ts'
export { inPrivateFolder, privatePlaces } from './process/private-folder.ts'
export { tuneHeap } from './process/tune-heap.ts'
export { configFolder, settingsPath } from './settings/settings-path.ts'
export { memorySettings } from './settings/settings-store.ts'
export type { Engine, EngineCore, FarView, HistoryFile, SettingsStore }

/** Starts the core of an engine (EngineCore). Rejects where the addon cannot be loaded. */
export async function startCore(options: EngineCoreOptions): Promise<EngineCore> {
  const { addonPath } = options
  const kernelGroups = new KernelGroups(bpfProgramBeside(addonPath, loadAddon(addonPath)))
  try {
    // The BPF reader loads its programs into the kernel while this process loads the modules of the core.
    void kernelGroups.read()
    const { EngineCore } = await import('./engine-core.ts')
    return new EngineCore({ ...options, kernelGroups })
  } catch (error) {
    kernelGroups.close()
    throw error
  }
}

/** Starts an engine (engine.ts), on an existing core where one is given. */
export async function startEngine(options: EngineOptions, core?: EngineCore): Promise<Engine> {
  const { startEngine: start } = await import('./engine.ts')
  return start(options, core)
}

/** Reads the history of earlier engines at `path`, to continue it (history-file.ts). Rejects where it cannot be kept. */
export async function openHistory(path: string, options: HistoryFileOptions): Promise<HistoryFile> {
  const { HistoryFile } = await import('./stream/history/history-file.ts')
  return HistoryFile.open(path, options)
}

/** Settings in the file at `path` (settings-file.ts). */
export async function fileSettings(path: string, report?: SettingsFileReport): Promise<SettingsStore> {
  const { fileSettings: open } = await import('./settings/settings-file.ts')
  return open(path, report)
}
