/** The frame around every screen: top bar, navigation on the left, status line at the bottom. */
import type { ReactNode } from 'react'
import { Banner } from './banner.tsx'
import css from './frame.module.css'
import { Navigation } from './navigation.tsx'
import { NoticeBar } from './notice-bar.tsx'
import { StatusLine } from './status-line.tsx'
import { TopBar } from './top-bar.tsx'

export function Frame({ children }: { children: ReactNode }) {
  return (
    <div className={css.frame}>
      <TopBar />
      <Navigation />
      <main className={css.content} id="content" tabIndex={-1}>
        <Banner />
        {children}
      </main>
      <StatusLine />
      <NoticeBar />
    </div>
  )
}
