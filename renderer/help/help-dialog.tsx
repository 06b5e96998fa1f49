/** The keys, the filter's words and the signs, on one page. */
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components'
import { useDialogs } from '../dialogs.ts'
import { KEYS } from '../filter/keys.ts'
import { SHORTCUTS } from '../keyboard.ts'
import { Icon } from '../ui/icon.tsx'
import { Sign, type SignName } from '../ui/sign.tsx'
import { Button, KeyHint, LabTag } from '../ui/widgets.tsx'
import './dialogs.css'

const SIGNS: readonly { name: SignName; means: string }[] = [
  { name: 'critical', means: 'Trouble: a queue is full, something is dropped now, or a critical finding' },
  {
    name: 'warning',
    means: 'Warning: a queue is at four fifths of its limit or was full a moment ago, or something was found',
  },
  { name: 'info', means: 'Worth knowing' },
  { name: 'none', means: 'Nothing wrong' },
  { name: 'new', means: 'Appeared just now' },
  { name: 'gone', means: 'Left just now' },
]

export function HelpDialog() {
  const open = useDialogs((dialogs) => dialogs.open === 'help')
  return (
    <ModalOverlay
      className="veil"
      isDismissable
      isOpen={open}
      onOpenChange={(isOpen) => useDialogs.setState({ open: isOpen ? 'help' : 'none' })}
    >
      <Modal className="dialog help">
        <Dialog>
          {({ close }) => (
            <>
              <header>
                <Heading slot="title">Help</Heading>
                <Button look="quiet" aria-label="Close" onPress={close}>
                  <Icon name="close" />
                </Button>
              </header>
              <div className="columns">
                <section>
                  <h3>Keys</h3>
                  <dl>
                    {SHORTCUTS.map(({ keys, does }) => (
                      <div key={does}>
                        <dt>
                          {keys.map((key) => (
                            <KeyHint key={key}>{key}</KeyHint>
                          ))}
                        </dt>
                        <dd>{does}</dd>
                      </div>
                    ))}
                  </dl>
                  <h3>Signs</h3>
                  <dl>
                    {SIGNS.map(({ name, means }) => (
                      <div key={name}>
                        <dt>
                          <Sign name={name} label="" />
                        </dt>
                        <dd>{means}</dd>
                      </div>
                    ))}
                    <div>
                      <dt>
                        <LabTag />
                      </dt>
                      <dd>Ours: every process that holds it is of the lab’s test listeners</dd>
                    </div>
                  </dl>
                </section>
                <section>
                  <h3>Lab</h3>
                  <p>
                    Test listeners are real sockets of real processes. Traffic goes to them and to nothing else, on this
                    machine, bounded in number and time. Everything ends with the program that started it, also when
                    that is killed. A recipe runs one case from beginning to end and says what came of it.{' '}
                    <code>lab</code> in the terminal does the same.
                  </p>
                  <h3>Filter</h3>
                  <p>
                    A word without a key is found in any column. Words and different keys narrow down, the same key
                    twice means either, <code>-</code> before a word excludes, <code>"…"</code> keeps spaces,{' '}
                    <code>*</code> stands for anything.
                  </p>
                  <dl>
                    {KEYS.map(({ name, meaning, example }) => (
                      <div key={name}>
                        <dt>
                          <code>{example}</code>
                        </dt>
                        <dd>{meaning}</dd>
                      </div>
                    ))}
                  </dl>
                </section>
              </div>
            </>
          )}
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
