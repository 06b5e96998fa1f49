/** The application's menu: what the page has no place for, and what a keyboard expects of an application. */
import type { MenuItemConstructorOptions } from 'electron'

export type MenuActions = {
  /** Opens a page of the person's browser. */
  readonly open: (url: string) => void
}

/** `developer` adds what only a source tree needs. */
export function menuTemplate(actions: MenuActions, developer: boolean): MenuItemConstructorOptions[] {
  return [
    { label: '&File', submenu: [{ role: 'quit' }] },
    {
      label: '&Edit',
      submenu: [
        { role: 'undo' },
        { role: 'redo' },
        { type: 'separator' },
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'selectAll' },
      ],
    },
    {
      label: '&View',
      submenu: [
        { role: 'reload' },
        ...(developer ? [{ role: 'toggleDevTools' } as const] : []),
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        // Its own Ctrl++ wants the shift key on most keyboards (electron#15496).
        { role: 'zoomIn', accelerator: 'CommandOrControl+=', visible: false },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
      ],
    },
    {
      label: '&Help',
      submenu: [
        {
          label: 'SO_REUSEPORT in socket(7)',
          click: () => actions.open('https://man7.org/linux/man-pages/man7/socket.7.html'),
        },
        { role: 'about' },
      ],
    },
  ]
}
