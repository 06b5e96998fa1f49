/** Where the parts that are not bundled are: in a source tree, a bundle of it, an installation, the single executable. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { unpackedParts } from './carried-parts.ts'

export type Installation = {
  /** The built addon. */
  readonly addon: string
  /** The folder of the built page. */
  readonly page: string
  /** The window's icon in a list of windows. */
  readonly icon: string
}

/**
 * Finds the parts from any file of the product: upwards to the folder of `package.json`. Throws where there is none, or
 * the single executable cannot unpack them.
 */
export function installation(from: string = import.meta.dirname): Installation {
  const unpacked = unpackedParts()
  if (unpacked !== null) return partsIn(unpacked)
  let folder = from
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder)
    if (above === folder) throw new Error(`No package.json above ${from}: the program was moved away from its files.`)
    folder = above
  }
  // In an installation the other parts are beside the archive of the program (forge.config.ts).
  const parts = dirname(folder)
  if (existsSync(join(parts, 'reuseport.node'))) return partsIn(parts)
  return {
    addon: join(folder, 'native/build/Release/reuseport.node'),
    page: join(folder, 'dist/renderer'),
    icon: join(folder, 'assets/icons/256.png'),
  }
}

function partsIn(folder: string): Installation {
  return { addon: join(folder, 'reuseport.node'), page: join(folder, 'page'), icon: join(folder, 'icon.png') }
}
