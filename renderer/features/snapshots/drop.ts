/** Opens a snapshot file dropped anywhere on the page. Other drops must not navigate away. */
import type { Snapshots } from './snapshots.ts'

/** Starts listening, for the snapshots that are on screen. Call once. */
export function startDrop(page: Window, current: () => Pick<Snapshots, 'openFile'>): void {
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false
  page.addEventListener('dragover', (event) => {
    event.preventDefault()
    if (event.dataTransfer) event.dataTransfer.dropEffect = hasFiles(event) ? 'copy' : 'none'
  })
  page.addEventListener('drop', (event) => {
    event.preventDefault()
    const file = event.dataTransfer?.files[0]
    if (file !== undefined) void current().openFile(file)
  })
}
