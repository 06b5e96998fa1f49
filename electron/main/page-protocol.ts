/** `app://reuseport-inspector/`: the built page, served only to the window. */
import type { Session } from 'electron'
import { type Page, respond } from '../host/page.ts'
import { PAGE_URL, SCHEME } from './origin.ts'

/** Answers requests of `session` for the page's origin; any other host of the scheme is 404. */
export function servePage(session: Session, page: Page): void {
  session.protocol.handle(SCHEME, (request) => {
    const url = new URL(request.url)
    if (url.host !== new URL(PAGE_URL).host) return new Response('No such host.', { status: 404 })
    const { status, headers, body } = respond(page, request.method, url.pathname, 'electron')
    return new Response(request.method === 'HEAD' ? null : body, { status, headers })
  })
}
