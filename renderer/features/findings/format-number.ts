/** Formats the numbers of a finding. */
import { formatBytes, formatCount, formatSpan } from '../../ui/format.ts'

const MIN_SHOWN = 0.001
const few = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })

/** A value and its unit: ["512", "connections"], ["208", "KiB"], ["<0.001", ""]. */
export function numberText(value: number, unit: string | null): [text: string, unit: string] {
  if (unit === 'bytes') return formatBytes(value)
  if (unit === 's') return [formatSpan(value * 1000), '']
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return [formatCount(value), unit ?? '']
  return [Math.abs(value) < MIN_SHOWN ? `<${MIN_SHOWN}` : few.format(value), unit ?? '']
}

/** Capitalizes a name for the start of a line; sysctls and counters keep their spelling. */
export function nameText(name: string): string {
  return /^[a-z]+[ ,]/.test(name) || /^[a-z]+$/.test(name) ? name.charAt(0).toUpperCase() + name.slice(1) : name
}
