/** The frame around every screen: top bar, navigation on the left, status line at the bottom. */
import type { ReactNode } from 'react'
import { Banner } from './banner.tsx'
import './frame.css'
import { Navigation } from './navigation.tsx'
import { StatusLine } from './status-line.tsx'
import { TopBar } from './top-bar.tsx'

export function Frame({ children }: { children: ReactNode }) {
  return (
    <div className="app">
      <TopBar />
      <Navigation />
      <main id="content" tabIndex={-1}>
        <Banner />
        {children}
      </main>
      <StatusLine />
    </div>
  )
}
