/** The recipes, and the open test listeners. */
import { clsx } from 'clsx'
import { endpointText } from '../../../electron/contract/format.ts'
import type { Lab, Recipe } from '../../../electron/contract/lab.ts'
import { hrefOf, type LabPage } from '../../model/route.ts'
import { useEngineNow, useLab } from '../../model/store/context.ts'
import { runningOf } from '../../model/store/lab.ts'
import { formatCount } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import screen from '../../ui/screen.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import { LabTag, RunningDot } from '../../ui/widgets.tsx'
import { openMembers, timeLeft } from './lab-texts.ts'
import css from './side-list.module.css'

export function SideList({ recipes, shown }: { recipes: readonly Recipe[]; shown: LabPage }) {
  const labs = useLab(({ labs }) => labs)
  const silent = useLab(({ unresponsive }) => unresponsive)
  return (
    <nav className={clsx(screen.side, css.side)} aria-label="Lab">
      <h2>Recipes</h2>
      <ul>
        {recipes.map((recipe) => (
          <RecipeEntry key={recipe.name} recipe={recipe} shown={isRecipe(shown, recipe.name)} />
        ))}
      </ul>
      <h2>Your own</h2>
      <ul>
        {labs.map((lab) => (
          <LabEntry key={lab.id} lab={lab} shown={typeof shown === 'object' && 'id' in shown && shown.id === lab.id} />
        ))}
        {silent.map((id) => (
          <li key={id} className={css.silent}>
            <b>Test listeners</b>
            <span className={css.second}>Lab {id} is unresponsive: its process may be stopped.</span>
          </li>
        ))}
        <li>
          <a
            className={css.new}
            href={hrefOf({ screen: 'lab', page: 'new' })}
            aria-current={shown === 'new' ? 'page' : undefined}
          >
            <b>
              <Icon name="add" />
              New test listeners
            </b>
          </a>
        </li>
      </ul>
    </nav>
  )
}

function isRecipe(page: LabPage, name: string): boolean {
  return typeof page === 'object' && 'recipe' in page && page.recipe === name
}

function RecipeEntry({ recipe: { name, title, subtitle }, shown }: { recipe: Recipe; shown: boolean }) {
  const runs = useLab((state) => runningOf(state)?.recipe === name)
  return (
    <li>
      <a href={hrefOf({ screen: 'lab', page: { recipe: name } })} aria-current={shown ? 'page' : undefined}>
        <b>
          {title}
          {runs && <RunningDot label="running" />}
        </b>
        <span className={css.second}>{subtitle}</span>
      </a>
    </li>
  )
}

function LabEntry({ lab, shown }: { lab: Lab; shown: boolean }) {
  const now = useEngineNow(1000)
  return (
    <li>
      <a href={hrefOf({ screen: 'lab', page: { id: lab.id } })} aria-current={shown ? 'page' : undefined}>
        <b>
          Test listeners
          <LabTag>{formatCount(openMembers(lab.members))} open</LabTag>
        </b>
        <span className={css.second} title={new Date(lab.endsAt).toLocaleString('en-GB')}>
          {visibleText(endpointText(lab.address, lab.port))}, {timeLeft(lab.endsAt, now)}
        </span>
      </a>
    </li>
  )
}
