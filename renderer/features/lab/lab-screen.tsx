/** The lab: recipes and test listeners on the left, the selected one on the right. */
import { clsx } from 'clsx'
import type { LabPage as Page } from '../../model/route.ts'
import { useEachClient, useLab, usePageStore, useSession } from '../../model/store/context.ts'
import { isStale } from '../../model/store/session.ts'
import { Waiting } from '../../model/waiting.tsx'
import banner from '../../ui/banner.module.css'
import { CodedText } from '../../ui/coded-text.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Pane } from '../../ui/pane.tsx'
import { CopyProblem, ProblemList } from '../../ui/problem-list.tsx'
import { Sign } from '../../ui/sign.tsx'
import text from '../../ui/text.module.css'
import { Button } from '../../ui/widgets.tsx'
import labHead from './lab-head.module.css'
import { LabPage } from './lab-page.tsx'
import css from './lab-screen.module.css'
import { ListenForm } from './listen-form.tsx'
import { RecipePage } from './recipe-page.tsx'
import { SideList } from './side-list.tsx'
import { useLabActions, useRequests } from './store.ts'

/** `page` null: the recipe that is running, or ran last. */
export function LabScreen({ page }: { page: Page | null }) {
  const stale = useSession(isStale)
  const { loadOffers } = useLabActions()
  useEachClient(loadOffers)
  const recipes = useRequests(({ recipes }) => recipes)
  const complete = useLab(({ complete }) => complete)
  const problem = useLab(({ problem }) => problem)
  const notOffered = useRequests(({ problems }) => problems.offers ?? null)
  const failed = problem ?? (recipes === null ? notOffered : null)
  const last = useLab(({ run }) => run?.recipe ?? null)
  if (!complete || recipes === null) {
    return (
      <>
        <h1 className={text.hidden}>Lab</h1>
        {failed === null ? <Waiting /> : <Failed />}
      </>
    )
  }
  const first = last ?? recipes[0]?.name
  const shown = page ?? (first === undefined ? 'new' : { recipe: first })
  return (
    <div className={css.screen} data-stale={stale || undefined}>
      <SideList recipes={recipes} shown={shown} />
      <div className={css.work}>
        {failed !== null && !stale && (
          <div className={clsx(banner.banner, banner.warning)} role="status">
            <Sign name="warning" label="warning" />
            <p>
              <b>The lab data is out of date:</b> <CodedText text={`${failed.cause}. ${failed.hint ?? ''}`} />
            </p>
            <TryAgain />
          </div>
        )}
        <Shown page={shown} />
      </div>
    </div>
  )
}

function Shown({ page }: { page: Page }) {
  if (page === 'new') return <NewListeners />
  if ('id' in page) return <LabPage key={page.id} id={page.id} />
  return <RecipePage key={page.recipe} name={page.recipe} />
}

function NewListeners() {
  return (
    <>
      <header className={labHead.head}>
        <h1>New test listeners</h1>
        <p>Real sockets in real processes, on this machine only. They appear among the other groups, tagged “lab”.</p>
      </header>
      <ListenForm named={false} />
    </>
  )
}

function TryAgain({ primary = false }: { primary?: boolean }) {
  const { retryNow } = usePageStore().engine
  const client = useSession((session) => session.client)
  const { loadOffers } = useLabActions()
  const again = () => {
    retryNow()
    if (client !== null) void loadOffers(client, AbortSignal.timeout(60_000))
  }
  return (
    <Button look={primary ? 'primary' : 'plain'} onPress={again}>
      <Icon name="refresh" />
      Try again
    </Button>
  )
}

function Failed() {
  const problem = useLab(({ problem }) => problem)
  const notOffered = useRequests(({ problems }) => problems.offers ?? null)
  const failed = problem ?? notOffered
  if (failed === null) return null
  return (
    <Pane
      icon={<Sign name="warning" label="" />}
      title="The lab is unavailable on this machine"
      ways={
        <>
          <TryAgain primary />
          <CopyProblem problem={failed} />
        </>
      }
    >
      <ProblemList problem={failed} />
    </Pane>
  )
}
