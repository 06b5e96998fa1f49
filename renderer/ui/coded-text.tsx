/** Renders text in which `…` marks code: commands, options, files. */
import type { ReactNode } from 'react'
import { splitCode } from './split-code.ts'
import { visibleText } from './visible-text.ts'

export function CodedText({ text }: { text: string }) {
  let place = 0
  const parts: ReactNode[] = splitCode(visibleText(text)).map((piece) => {
    const isCode = place++ % 2 === 1
    return isCode ? <code key={`${place} ${piece}`}>{piece}</code> : piece
  })
  return <>{parts}</>
}
