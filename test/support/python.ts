/** The interpreter itself: `python3` may be a version manager's script, which starts dozens of processes each time. */
import { spawnSync } from 'node:child_process'

export const python =
  spawnSync('python3', ['-S', '-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).stdout?.trim() ||
  'python3'
