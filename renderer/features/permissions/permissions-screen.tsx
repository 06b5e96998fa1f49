/** Permissions: what this user can and cannot read on this machine, and how to read more. */
import { clsx } from 'clsx'
import { useCallback, useEffect, useState } from 'react'
import type { Problem } from '../../../electron/contract/errors.ts'
import type { PermissionCheck } from '../../../electron/contract/live.ts'
import { useSession } from '../../model/store/context.ts'
import { problemOf } from '../../model/store/problem.ts'
import { Waiting } from '../../model/waiting.tsx'
import { CodedText } from '../../ui/coded-text.tsx'
import control from '../../ui/control.module.css'
import { Icon } from '../../ui/icon.tsx'
import page from '../../ui/page.module.css'
import { Pane } from '../../ui/pane.tsx'
import { ProblemList } from '../../ui/problem-list.tsx'
import { Sign } from '../../ui/sign.tsx'
import text from '../../ui/text.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import { Button } from '../../ui/widgets.tsx'
import css from './permissions-screen.module.css'

type Answer = { checks: PermissionCheck[] } | { problem: Problem } | null

const SIGNS = { yes: 'ok', partial: 'warning', unknown: 'unknown' } as const
const WORDS: Record<PermissionCheck['state'], string> = {
  yes: 'readable',
  partial: 'partly readable',
  no: 'not readable',
  unknown: 'unknown',
}

/** `showRoot` shows what root sees; null where that is not offered. */
export function PermissionsScreen({ showRoot }: { showRoot: (() => void) | null }) {
  const client = useSession((session) => session.client)
  const machine = useSession((session) => session.machine)
  const uid = machine?.host.uid
  const [answer, setAnswer] = useState<Answer>(null)
  const look = useCallback(
    (signal?: AbortSignal) =>
      client?.machine.capabilities(undefined, signal ? { signal } : {}).then(
        ({ checks }) => setAnswer({ checks }),
        (error: unknown) => {
          if (!signal?.aborted) setAnswer({ problem: problemOf(error, 'check permissions') })
        },
      ),
    [client],
  )
  useEffect(() => {
    const end = new AbortController()
    // That of a connection that was lost says nothing about the next one.
    setAnswer((last) => (last !== null && 'problem' in last ? null : last))
    void look(end.signal)
    return () => end.abort()
  }, [look])

  const again = (
    <Button onPress={() => void look()}>
      <Icon name="refresh" />
      Re-check
    </Button>
  )
  const title = <h1 className={text.hidden}>Permissions</h1>
  if (client === null && !(answer && 'checks' in answer)) {
    return (
      <>
        {title}
        <Waiting />
      </>
    )
  }
  if (answer && 'problem' in answer) {
    return (
      <>
        {title}
        <Pane icon={<Sign name="warning" label="" />} title="Could not check permissions" ways={again}>
          <ProblemList problem={answer.problem} />
        </Pane>
      </>
    )
  }
  return (
    <div className={page.page} tabIndex={-1}>
      <h1>Permissions</h1>
      <p>
        {machine !== null && (
          <>
            The engine runs as {uid === 0 ? 'root' : `uid ${uid}`} on {visibleText(machine.host.hostname)} (
            {visibleText(machine.engine)}).
          </>
        )}{' '}
        What it cannot read is shown as unknown, never as zero or empty.
      </p>
      {answer && showRoot !== null && answer.checks.some(({ hint }) => hint !== null) && (
        <p className={clsx(control.row, css.more)}>
          <Button onPress={showRoot}>
            <Icon name="lock" />
            Show what root sees
          </Button>
          <span>This starts an engine beside this one that reads with root’s permissions.</span>
        </p>
      )}
      {answer && (
        <section>
          <ul className={css.checks}>
            {answer.checks.map((check) => (
              <li key={check.id}>
                {check.state === 'no' ? <Icon name="lock" /> : <Sign name={SIGNS[check.state]} label="" />}
                <div>
                  <h2>
                    <span className={text.hidden}>{WORDS[check.state]}: </span>
                    <CodedText text={check.subject} />
                  </h2>
                  <p>
                    <CodedText text={check.detail} />
                  </p>
                  {check.hint !== null && (
                    <p className={css.remedy}>
                      <CodedText text={check.hint} />
                    </p>
                  )}
                </div>
              </li>
            ))}
          </ul>
          {again}
        </section>
      )}
    </div>
  )
}
