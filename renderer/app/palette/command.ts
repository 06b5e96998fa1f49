/** A command of the palette. */
import type { IconName } from '../../ui/icon.tsx'

export type Command = {
  id: string
  name: string
  aside: string
  icon: IconName
  /** Shown before anything is typed. */
  often?: boolean
  run: () => void
}
