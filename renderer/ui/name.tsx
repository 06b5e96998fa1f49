import { visibleName } from './visible-text.ts'

/** A name that somebody else chose, for example a process: visible, and isolated from the text around it. */
export function Name({ children, className }: { children: string; className?: string | undefined }) {
  return <bdi className={className}>{visibleName(children)}</bdi>
}
