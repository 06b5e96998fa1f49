/** The application's menu: standard entries that the page does not have, and their keyboard shortcuts. */
import type { MenuItemConstructorOptions } from 'electron'

export type MenuActions = {
  /** Opens a page in the user's browser. */
  readonly open: (url: string) => void
}

/** `developer` adds entries for a source tree. */
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
        // The default Ctrl++ needs the Shift key on most keyboards (electron#15496).
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
