/** One recipe: its effect, its progress, the variants side by side, and the outcome. */
import { clsx } from 'clsx'
import type { Recipe, RecipeName, RecipeRun } from '../../../electron/contract/lab.ts'
import { hrefOf } from '../../model/route.ts'
import { useLab, useSession } from '../../model/store/context.ts'
import { runningOf } from '../../model/store/lab.ts'
import { CodedText } from '../../ui/coded-text.tsx'
import control from '../../ui/control.module.css'
import { formatClock } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { ProgressBar } from '../../ui/progress-bar.tsx'
import { Sign, type SignName } from '../../ui/sign.tsx'
import text from '../../ui/text.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import { Button } from '../../ui/widgets.tsx'
import { Checks } from './checks.tsx'
import { ErrorText } from './error-text.tsx'
import labHead from './lab-head.module.css'
import { progressText } from './lab-texts.ts'
import { ListenForm } from './listen-form.tsx'
import css from './recipe-page.module.css'
import { useLabActions, useRequests } from './store.ts'
import { NoTraffic, TrafficPanel } from './traffic-panel.tsx'
import { VariantsTable } from './variants-table.tsx'

export function RecipePage({ name }: { name: RecipeName }) {
  const recipe = useRequests(({ recipes }) => recipes?.find((one) => one.name === name) ?? null)
  const run = useLab(({ seen }) => seen[name] ?? null)
  if (recipe === null) return null
  return (
    <>
      <RecipeHead recipe={recipe} run={run} />
      {run !== null && (
        <>
          {run.variants.length > 0 && <VariantsTable run={run} />}
          {run.endedAt === null && <SoFar run={run} />}
          <VerdictLine run={run} />
          {run.checks.length > 0 && <Checks trials={run.checks} />}
          {run.endedAt !== null && run.explanation.length > 0 && (
            <section className={css.why} aria-label="Explanation">
              <h2>Explanation</h2>
              {run.explanation.map((paragraph) => (
                <p key={paragraph}>
                  <CodedText text={paragraph} />
                </p>
              ))}
            </section>
          )}
        </>
      )}
      <div className={css.own}>
        <ListenForm named />
        <OwnTraffic />
      </div>
    </>
  )
}

function RecipeHead({ recipe, run }: { recipe: Recipe; run: RecipeRun | null }) {
  const running = useLab(runningOf)
  const refused = useRequests(({ problems }) => problems.recipe ?? null)
  const mine = running !== null && running.recipe === recipe.name
  return (
    <>
      <header className={labHead.head}>
        <h1>{recipe.title}</h1>
        {mine ? <Running run={running} /> : <RunButtons recipe={recipe} last={run} />}
        <p>{recipe.effect}</p>
        {recipe.limitation !== null && (
          <p className={labHead.missing}>
            <Icon name="lock" />
            {recipe.limitation}
          </p>
        )}
        {refused !== null && <ErrorText problem={refused} />}
      </header>
      {mine ? <ProgressBar label="Recipe" share={running.progress} /> : <div className={css.line} />}
    </>
  )
}

function Running({ run }: { run: RecipeRun }) {
  const { stopRecipe } = useLabActions()
  const open = useSession(({ client }) => client !== null)
  return (
    <div className={clsx(control.row, labHead.actions)}>
      <span className={text.second}>{run.step}</span>
      <Button look="stop" isDisabled={!open} onPress={() => void stopRecipe()}>
        <Icon name="stop" />
        Stop
      </Button>
    </div>
  )
}

function RunButtons({ recipe, last }: { recipe: Recipe; last: RecipeRun | null }) {
  const open = useSession(({ client }) => client !== null)
  const other = useLab(runningOf)
  const { clearError, runRecipe } = useLabActions()
  const title = useRequests(({ recipes }) => recipes?.find(({ name }) => name === other?.recipe)?.title ?? null)
  if (other !== null) {
    return (
      <div className={clsx(control.row, labHead.actions)}>
        <span className={text.second}>
          One at a time: <a href={hrefOf({ screen: 'lab', page: { recipe: other.recipe } })}>{title}</a> is running.
        </span>
      </div>
    )
  }
  const run = (size: 'small' | 'full') => () => {
    clearError('recipe')
    void runRecipe(recipe.name, size)
  }
  return (
    <div className={clsx(control.row, labHead.actions)}>
      {last !== null && (
        <span className={text.second} title={new Date(last.startedAt).toLocaleString('en-GB')}>
          Ran at {formatClock(Date.parse(last.startedAt))}
        </span>
      )}
      <Button isDisabled={!open} onPress={run('small')}>
        Quick run
      </Button>
      <Button look="primary" isDisabled={!open} onPress={run('full')}>
        <Icon name="play" />
        {last === null ? 'Run' : 'Run again'}
      </Button>
    </div>
  )
}

/** Not announced to screen readers: it changes constantly. */
function SoFar({ run }: { run: RecipeRun }) {
  const words = progressText(run.variants)
  if (words === null) return null
  return (
    <p className={css.say}>
      <span>
        <b>So far.</b> {visibleText(words)}
      </span>
    </p>
  )
}

const OUTCOMES: Record<NonNullable<RecipeRun['verdict']>['outcome'], { sign: SignName; words: string }> = {
  holds: { sign: 'ok', words: 'It holds: ' },
  fails: { sign: 'critical', words: 'It does not hold: ' },
  partial: { sign: 'warning', words: 'Not everything could be checked: ' },
  stopped: { sign: 'none', words: 'It was stopped: ' },
}

function VerdictLine({ run: { verdict } }: { run: RecipeRun }) {
  // Always present: a live region must exist before its content is announced.
  const outcome = verdict === null ? null : OUTCOMES[verdict.outcome]
  return (
    <div className={css.say} role="status">
      {verdict !== null && outcome !== null && (
        <>
          <Sign name={outcome.sign} size="large" label={outcome.words} />
          <p>
            <b>{visibleText(verdict.summary)}</b> <CodedText text={verdict.detail} />
          </p>
        </>
      )}
    </div>
  )
}

/** Beside the form: traffic to the newest test listeners, or a hint if none are open. */
function OwnTraffic() {
  const lab = useLab(({ labs }) => labs.findLast(({ traffic }) => traffic?.endedAt === null) ?? labs.at(-1) ?? null)
  if (lab !== null) return <TrafficPanel lab={lab} full={false} />
  return <NoTraffic />
}
