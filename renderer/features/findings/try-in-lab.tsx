/** The way from a finding to the recipe that makes it happen with test listeners. */
import { textsFor } from '../../../electron/contract/finding-types.ts'
import { hrefOf } from '../../model/route.ts'
import text from '../../ui/text.module.css'

/** Nothing where no recipe does. */
export function TryInLab({ code }: { code: string }) {
  const { recipe } = textsFor(code)
  if (recipe === undefined) return null
  return (
    <>
      <h3>In the lab</h3>
      <p>
        A recipe makes this happen with test listeners, away from your servers, and measures what it costs:{' '}
        <a className={text.inline} href={hrefOf({ screen: 'lab', page: { recipe } })}>
          try it
        </a>
        .
      </p>
    </>
  )
}
