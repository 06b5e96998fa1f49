/** Where the parts that are not bundled are: in a source tree, in a bundle of it, and in an installation. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

export type Installation = {
  /** The built addon. */
  readonly addon: string
  /** The folder of the built page. */
  readonly page: string
  /** The window's icon in a list of windows. */
  readonly icon: string
}

/**
 * Finds the parts from any file of the product: upwards to the folder of `package.json`. Throws where there is none.
 */
export function installation(from: string = import.meta.dirname): Installation {
  let folder = from
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder)
    if (above === folder) throw new Error(`No package.json above ${from}: the program was moved away from its files.`)
    folder = above
  }
  // In an installation the terminal program has a folder of its own among the other parts (forge.config.ts).
  const parts = dirname(folder)
  const installed = join(parts, 'reuseport.node')
  if (existsSync(installed)) return { addon: installed, page: join(parts, 'page'), icon: join(parts, 'icon.png') }
  return {
    addon: join(folder, 'native/build/Release/reuseport.node'),
    page: join(folder, 'dist/renderer'),
    icon: join(folder, 'assets/icons/256.png'),
  }
}
