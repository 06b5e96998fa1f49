/**
 * The image of svg.ts as pixels, for where SVG cannot be shown. Drawn by resvg, which runs no scripts and gets no files
 * and no network, with a bundled font: the image is the same on a machine without fonts.
 */
import { initWasm, Resvg } from '@resvg/resvg-wasm'
import resvg from '@resvg/resvg-wasm/index_bg.wasm?inline'
import sans from 'dejavu-fonts-ttf/ttf/DejaVuSans.ttf?inline'
import mono from 'dejavu-fonts-ttf/ttf/DejaVuSansMono.ttf?inline'
import type { SnapshotParts } from '../parts.ts'
import { svg } from './svg.ts'

/** Pixels per unit of the SVG: sharp on dense screens and on paper. */
const ZOOM = 2

let ready: Promise<unknown> | undefined

/** In the light theme, with the groups that svg.ts shows. */
export async function* png(parts: SnapshotParts): AsyncGenerator<Uint8Array> {
  ready ??= initWasm(bytesOf(resvg))
  await ready
  let text = ''
  for await (const piece of svg(parts)) text += piece
  const drawing = new Resvg(text, {
    fitTo: { mode: 'zoom', value: ZOOM },
    font: {
      fontBuffers: [bytesOf(sans), bytesOf(mono)],
      defaultFontFamily: 'DejaVu Sans',
      sansSerifFamily: 'DejaVu Sans',
      monospaceFamily: 'DejaVu Sans Mono',
    },
  })
  try {
    const pixels = drawing.render()
    try {
      yield pixels.asPng()
    } finally {
      pixels.free()
    }
  } finally {
    drawing.free()
  }
}

function bytesOf(dataUrl: string): Buffer {
  return Buffer.from(dataUrl.slice(dataUrl.indexOf(',') + 1), 'base64')
}
