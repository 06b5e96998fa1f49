/** Keys, filter syntax and signs on one page. */
import { clsx } from 'clsx'
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components'
import { KEYS } from '../../electron/contract/filter/keys.ts'
import dialogs from '../ui/dialogs.module.css'
import { Icon } from '../ui/icon.tsx'
import { Sign, type SignName } from '../ui/sign.tsx'
import { Button, KeyHint, LabTag } from '../ui/widgets.tsx'
import css from './help-dialog.module.css'
import { SHORTCUTS } from './keyboard.ts'
import { useDialog } from './page.tsx'

const SIGNS: readonly { name: SignName; means: string }[] = [
  { name: 'critical', means: 'Trouble: a full queue, current drops, or a critical finding' },
  {
    name: 'warning',
    means: 'Warning: a queue at 80 % of its limit or full a moment ago, or a warning finding',
  },
  { name: 'info', means: 'Worth knowing' },
  { name: 'none', means: 'Nothing wrong' },
  { name: 'new', means: 'Just appeared' },
  { name: 'gone', means: 'Just removed' },
]

export function HelpDialog() {
  const [open, setOpen] = useDialog('help')
  return (
    <ModalOverlay className={dialogs.overlay} isDismissable isOpen={open} onOpenChange={setOpen}>
      <Modal className={clsx(dialogs.dialog, css.help)}>
        <Dialog>
          {({ close }) => (
            <>
              <header>
                <Heading slot="title">Help</Heading>
                <Button look="quiet" aria-label="Close" onPress={close}>
                  <Icon name="close" />
                </Button>
              </header>
              {/* A scrollable region must be focusable, so that the keyboard can scroll it. */}
              <section className={css.columns} aria-label="Keys, signs, lab and filter" tabIndex={0}>
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
                      <dd>Lab: held only by the lab’s test listeners</dd>
                    </div>
                  </dl>
                </section>
                <section>
                  <h3>Lab</h3>
                  <p>
                    Test listeners are real sockets in real processes. Traffic goes only to them, on this machine,
                    limited in number and time. Everything ends with the program that started it, even if that is
                    killed. A recipe runs one scenario from start to end and reports the outcome. <code>lab</code> in
                    the terminal does the same.
                  </p>
                  <h3>Filter</h3>
                  <p>
                    Plain words match any column. Words and different keys narrow the result; repeating a key means OR.{' '}
                    <code>-</code> before a word excludes it, <code>"…"</code> keeps spaces, <code>*</code> matches
                    anything.
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
              </section>
            </>
          )}
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
