/** Whether critical findings notify, and what this browser says to that. */
import { useState } from 'react'
import { usePageStore } from '../../model/store/context.ts'
import { Checkbox } from '../../ui/choices.tsx'
import css from './notification-choice.module.css'

/** `wanted`: by the settings, which also hold for browsers that were never asked. */
export function NotificationChoice({ wanted }: { wanted: boolean }) {
  const { changeSettings } = usePageStore()
  const [permission, setPermission] = useState(currentPermission)
  const [tried, setTried] = useState(false)
  const change = async (ticked: boolean) => {
    if (!ticked) return changeSettings({ notifyOnCritical: false })
    setTried(true)
    const answer = permission === 'absent' ? permission : await Notification.requestPermission()
    setPermission(answer)
    if (answer === 'granted') await changeSettings({ notifyOnCritical: true })
  }
  return (
    <section>
      <h2>Notifications</h2>
      <div className={css.choice}>
        <Checkbox
          text="Notify on the desktop when a finding is critical"
          ticked={wanted && permission === 'granted'}
          change={(ticked) => void change(ticked)}
        />
      </div>
      {(wanted || tried) && REFUSED[permission] !== null && (
        <p role="status">
          <b>{REFUSED[permission]}</b>
        </p>
      )}
      {wanted && permission === 'default' && (
        <p>They are on, but this browser was not asked for this address yet: turn them on here too.</p>
      )}
      <p>
        Not while the page has the focus; one for each incident, and one for all that begin together. The page must be
        open, in any tab.
      </p>
    </section>
  )
}

type Permission = NotificationPermission | 'absent'

function currentPermission(): Permission {
  return 'Notification' in window ? Notification.permission : 'absent'
}

const REFUSED: Record<Permission, string | null> = {
  granted: null,
  default: null,
  denied: 'The browser refuses notifications from this address. Allow them in its settings for this site.',
  absent: 'This browser has no notifications for this address.',
}
