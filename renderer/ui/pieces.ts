/** Splits text in which `…` marks code: text, code, text, … */
export function piecesOf(text: string): string[] {
  return text.split('`')
}
