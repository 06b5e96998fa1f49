import { useNow } from './use-now.ts'

/** "Trying again in 6 s." */
export function Retrying({ at }: { at: number | null }) {
  const now = useNow(500)
  if (at === null) return <>Trying again now.</>
  return <>Trying again in {Math.max(1, Math.ceil((at - now) / 1000))} s.</>
}
