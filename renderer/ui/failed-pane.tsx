/** In place of what could not be had: the problem, a way to try again, and the details to copy. */
import type { ReactNode } from 'react'
import type { Problem } from '../../electron/contract/errors.ts'
import { Icon } from './icon.tsx'
import { Pane } from './pane.tsx'
import { CopyProblem, ProblemList } from './problem-list.tsx'
import { Sign } from './sign.tsx'
import { Button } from './widgets.tsx'

/** `shown`: what is still on screen, or nothing. `again`: tries once more. */
export function FailedPane(props: {
  title: string
  problem: Problem
  icon?: ReactNode
  shown?: string
  again?: () => void
  /** Other ways out. */
  children?: ReactNode
}) {
  const { title, problem, icon = <Sign name="warning" label="" />, shown, again, children } = props
  return (
    <Pane
      icon={icon}
      title={title}
      ways={
        <>
          {again !== undefined && (
            <Button look="primary" onPress={again}>
              <Icon name="refresh" />
              Try again
            </Button>
          )}
          <CopyProblem problem={problem} />
          {children}
        </>
      }
    >
      <ProblemList problem={problem} {...(shown === undefined ? {} : { shown })} />
    </Pane>
  )
}
