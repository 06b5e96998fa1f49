/** The files that the single executable carries (.ci/single.mjs). */

/** Not every runtime of the product has the module: Electron may lack it. */
const sea = process.getBuiltinModule?.('node:sea')
const isSingle = sea?.isSea() === true

/** The bytes of a carried file; null unless this is the single executable. Throws where it carries no such file. */
export function carriedBytes(name: string): Buffer | null {
  return sea !== undefined && isSingle ? Buffer.from(sea.getAsset(name)) : null
}
