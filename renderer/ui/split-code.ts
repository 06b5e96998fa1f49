/** Splits text in which `…` marks code: text, code, text, … */
export function splitCode(text: string): string[] {
  return text.split('`')
}
