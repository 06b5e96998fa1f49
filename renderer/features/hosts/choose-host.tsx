/** The hosts to choose from: added ones, those connected before, those of the ssh configuration, and containers. */
import { clsx } from 'clsx'
import { useEffect, useState } from 'react'
import {
  Autocomplete,
  Collection,
  Header,
  Input,
  Menu,
  MenuItem,
  MenuSection,
  SearchField,
} from 'react-aria-components'
import { ROOT_HERE } from '../../../electron/contract/constants.ts'
import type { Problem } from '../../../electron/contract/errors.ts'
import type { KnownHost } from '../../../electron/contract/hosts.ts'
import { useHostsOfPage } from '../../model/hosts/hosts.ts'
import { CodedText } from '../../ui/coded-text.tsx'
import control from '../../ui/control.module.css'
import { Icon } from '../../ui/icon.tsx'
import menu from '../../ui/menu.module.css'
import text from '../../ui/text.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import { Button } from '../../ui/widgets.tsx'
import css from './choose-host.module.css'
import parts from './connect-parts.module.css'
import { DialogHead } from './dialog-head.tsx'
import { type HostChoice, hostChoices } from './host-choices.ts'

export function ChooseHost({ close }: { close: () => void }) {
  const { known: list, containers: listContainers, connect, choose } = useHostsOfPage()
  const [known, setKnown] = useState<readonly KnownHost[]>([])
  const [containers, setContainers] = useState<readonly KnownHost[]>([])
  const [typed, setTyped] = useState('')
  const [problem, setProblem] = useState<Problem | null>(null)
  useEffect(() => {
    void list().then((answer) => ('known' in answer ? setKnown(answer.known) : setProblem(answer.problem)))
    void listContainers().then(setContainers)
  }, [list, listContainers])
  const names = new Set(known.map(({ name }) => name))
  const hosts = [...known, ...containers.filter(({ name }) => !names.has(name))]
  const start = async (name: string) => {
    const refused = await connect(name)
    setProblem(refused)
    if (refused === null) choose(name)
  }
  const name = typed.trim()
  return (
    <>
      <DialogHead close={close}>Connect to a host</DialogHead>
      <Autocomplete inputValue={typed} onInputChange={setTyped}>
        <SearchField aria-label="Host" autoFocus className={css.search} onSubmit={(text) => void start(text.trim())}>
          <Input
            className={control.control}
            placeholder="A name that ssh knows, USER@HOST, or docker:NAME"
            spellCheck="false"
            maxLength={255}
          />
        </SearchField>
        <Menu
          className={clsx(menu.menu, css.list)}
          aria-label="Hosts"
          items={hostChoices(hosts, typed)}
          renderEmptyState={() => (
            <p className={clsx(text.second, css.none)}>
              {name === '' ? 'The ssh configuration names no host. Type a name.' : 'Press Enter to connect.'}
            </p>
          )}
        >
          {(section) => (
            <MenuSection>
              <Header>{section.title}</Header>
              <Collection items={section.hosts}>{(host) => <Choice host={host} start={start} />}</Collection>
            </MenuSection>
          )}
        </Menu>
      </Autocomplete>
      <div className={parts.body}>
        {problem !== null && (
          <p role="alert">
            {visibleText(problem.cause)}. <CodedText text={problem.hint ?? ''} />
          </p>
        )}
        <p>
          A pod is <code>kubectl:NAMESPACE/POD</code>. Another way to a shell is named in a terminal:{' '}
          <code>reuseport-inspector host add web7-root --via 'ssh web7 sudo -n sh'</code>
        </p>
      </div>
      <footer className={parts.foot}>
        <Button onPress={close}>Cancel</Button>
        <Button look="primary" isDisabled={name === ''} onPress={() => void start(name)}>
          Connect
        </Button>
      </footer>
    </>
  )
}

function Choice({ host, start }: { host: HostChoice; start: (name: string) => Promise<void> }) {
  return (
    <MenuItem id={host.id} textValue={host.id} onAction={() => void start(host.id)}>
      <Icon name={host.id === ROOT_HERE ? 'lock' : host.via === null ? 'machine' : 'namespace'} />
      <span className={css.name}>{visibleText(host.id)}</span>
      <span className={menu.aside}>{visibleText(host.aside)}</span>
    </MenuItem>
  )
}
