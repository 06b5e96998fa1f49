/** The notice over the bottom of the page: it moves nothing. */
import { useStore } from 'zustand'
import { usePageStore } from '../../model/store/context.ts'
import { Icon } from '../../ui/icon.tsx'
import { Sign } from '../../ui/sign.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import { Button } from '../../ui/widgets.tsx'
import css from './notice-bar.module.css'

export function NoticeBar() {
  const { notices } = usePageStore()
  const notice = useStore(notices.state, ({ notice }) => notice)
  // Always present: a live region must exist before its content is announced.
  return (
    <div className={css.place} role="status" aria-label="Notice">
      {notice !== null && (
        <div className={css.notice}>
          <Sign name={notice.failed === true ? 'warning' : 'ok'} label={notice.failed === true ? 'warning' : ''} />
          <p>{visibleText(notice.text)}</p>
          {notice.action !== undefined && <Button onPress={notices.act}>{notice.action.name}</Button>}
          <Button look="quiet" aria-label="Hide this notice" onPress={notices.dismiss}>
            <Icon name="close" />
          </Button>
        </div>
      )}
    </div>
  )
}
