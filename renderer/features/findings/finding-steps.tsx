/** What to do about a finding, step by step, and what the processes that serve its members are doing. */
import { useEffect, useState } from 'react'
import type { FindingSteps as Steps, Worker } from '../../../electron/contract/steps.ts'
import { useSession } from '../../model/store/context.ts'
import { CodedText } from '../../ui/coded-text.tsx'
import { CommandLine } from '../../ui/copying.tsx'
import text from '../../ui/text.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import { UnknownText } from '../../ui/widgets.tsx'
import css from './finding-steps.module.css'

/** The state of a process changes faster; this is enough to see one that is stuck, and what is still being lost. */
const AGAIN_MS = 2000

export function FindingSteps({ answer: { steps, workers } }: { answer: Steps }) {
  return (
    <>
      <ol className={css.steps} aria-label="Steps">
        {steps.map(({ text: said, command, cost }) => (
          <li key={`${said} ${command}`}>
            <CodedText text={said} />
            {cost !== null && <span className={css.cost}> This {visibleText(cost)}.</span>}
            {command !== null && <CommandLine command={command} />}
          </li>
        ))}
      </ol>
      {workers.length > 0 && (
        <>
          <h3>{workers.length === 1 ? 'The process' : 'The processes'}</h3>
          <table className={css.workers} aria-label="Processes">
            <thead>
              <tr>
                <th scope="col">Process</th>
                <th scope="col">State</th>
                <th scope="col">Waits in</th>
                <th scope="col">Threads</th>
                <th scope="col">Unit</th>
              </tr>
            </thead>
            <tbody>
              {workers.map((worker) => (
                <WorkerRow key={worker.pid} worker={worker} />
              ))}
            </tbody>
          </table>
        </>
      )}
    </>
  )
}

function WorkerRow({ worker }: { worker: Worker }) {
  const { pid, command, state, stateMeaning, waitsIn, threads, unit } = worker
  const stuck = state === 'D' || state === 'T' || state === 't' || state === 'Z'
  return (
    <tr>
      <td>
        {visibleText(command)} <span className={text.mono}>{pid}</span>
      </td>
      <td className={stuck ? css.stuck : undefined}>
        {state === null ? <UnknownText why="It ended, or /proc cannot be read" /> : `${state} ${stateMeaning ?? ''}`}
      </td>
      <td className={text.mono}>
        {waitsIn ?? <UnknownText why="It runs, or reading this needs CAP_SYS_PTRACE (sudo)" />}
      </td>
      <td>{threads ?? <UnknownText why="It ended, or /proc cannot be read" />}</td>
      <td>{unit === null ? <span className={text.quiet}>–</span> : visibleText(unit)}</td>
    </tr>
  )
}

/** The steps for a finding; null where it is not `raised`, and in a snapshot, which shows another time. */
export function useSteps(id: string, raised: boolean): Steps | null {
  const client = useSession(({ client }) => client)
  const live = useSession(({ source }) => source === null)
  const [answer, setAnswer] = useState<{ id: string; steps: Steps } | null>(null)
  useEffect(() => {
    if (client === null || !live || !raised) return
    const end = new AbortController()
    const ask = () =>
      void client.findings.steps({ id }, { signal: end.signal }).then(
        (steps) => setAnswer({ id, steps }),
        () => undefined,
      )
    ask()
    const timer = setInterval(ask, AGAIN_MS)
    return () => {
      end.abort()
      clearInterval(timer)
    }
  }, [client, live, raised, id])
  return answer?.id === id && live && raised ? answer.steps : null
}
