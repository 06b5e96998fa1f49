/** Text in which `…` marks code, as the pieces between: plain, code, plain, … */
export function piecesOf(text: string): string[] {
  return text.split('`')
}
