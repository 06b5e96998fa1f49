/** A question of ssh or sudo, in its own words: a host key, a password, a code. */
import { type FormEvent, useState } from 'react'
import { Form, Input, Label, TextField } from 'react-aria-components'
import { ROOT_HERE } from '../../../electron/contract/constants.ts'
import type { HostQuestion } from '../../../electron/contract/hosts.ts'
import { useHostsOfPage } from '../../model/hosts/hosts.ts'
import control from '../../ui/control.module.css'
import { CommandLine } from '../../ui/copying.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import { Button } from '../../ui/widgets.tsx'
import parts from './connect-parts.module.css'
import { DialogHead } from './dialog-head.tsx'
import css from './question.module.css'

const NOTES: Record<HostQuestion['kind'], string> = {
  trust: 'Asked by ssh',
  secret: 'Not stored',
  confirm: 'Asked by ssh',
  notice: 'Nothing to type',
}

export function Question(props: { name: string; question: HostQuestion; close: () => void }) {
  const { name, question, close } = props
  const { answer } = useHostsOfPage()
  const [text, setText] = useState('')
  const send = (given: string | null) => void answer(name, question.id, given)
  const asks = `${name === ROOT_HERE ? 'sudo' : visibleText(name)} asks`
  const titles = {
    trust: `Is this ${visibleText(name)}?`,
    secret: asks,
    confirm: asks,
    notice: `${visibleText(name)} waits`,
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    send(text)
  }
  return (
    <Form className={css.question} onSubmit={submit}>
      <DialogHead close={close}>{titles[question.kind]}</DialogHead>
      <div className={parts.body}>
        {question.kind === 'trust' && <p>ssh has not seen this host before.</p>}
        <Words text={question.kind === 'trust' ? withoutChoice(question.text) : question.text} />
        {question.kind === 'trust' && (
          <>
            <p>Compare the fingerprint with what the host itself prints:</p>
            <CommandLine command={hostKeyCommand(question.text)} />
            <p>If you trust it, ssh writes the key to your known_hosts file.</p>
          </>
        )}
        {question.kind === 'secret' && (
          <TextField className={css.field} type="password" value={text} onChange={setText} autoFocus>
            <Label>Answer</Label>
            <Input className={control.control} autoComplete="off" spellCheck="false" />
          </TextField>
        )}
      </div>
      <footer className={parts.foot}>
        <span className={parts.note}>{NOTES[question.kind]}</span>
        {question.kind === 'trust' && (
          <>
            <Button onPress={() => send(null)}>Do not trust</Button>
            <Button look="primary" onPress={() => send('yes')}>
              Trust and continue
            </Button>
          </>
        )}
        {question.kind === 'confirm' && (
          <>
            <Button onPress={() => send(null)}>No</Button>
            <Button look="primary" onPress={() => send('yes')}>
              Yes
            </Button>
          </>
        )}
        {question.kind === 'secret' && (
          <>
            <Button onPress={() => send(null)}>Cancel</Button>
            <Button look="primary" type="submit">
              Continue
            </Button>
          </>
        )}
      </footer>
    </Form>
  )
}

function Words({ text }: { text: string }) {
  return (
    <div className={parts.said}>
      <pre>
        {text
          .trim()
          .split('\n')
          .map((line) => visibleText(line))
          .join('\n')}
      </pre>
    </div>
  )
}

/** ssh ends with how to answer it on a terminal. */
function withoutChoice(text: string): string {
  return text.replace(/\n?Are you sure you want to continue connecting.*$/s, '')
}

/** "ED25519 key fingerprint is SHA256:…" names the kind of key (ssh's sshconnect.c). */
function hostKeyCommand(text: string): string {
  const kind = /\b(ED25519|ECDSA|RSA) key fingerprint/.exec(text)?.[1]?.toLowerCase() ?? '*'
  return `ssh-keygen -lf /etc/ssh/ssh_host_${kind}_key.pub`
}
