/** All entries, as links. */

import text from '../../renderer/ui/text.module.css'
import type { Entry } from './entry.tsx'
import styles from './gallery.module.css'

const THEMES = ['light', 'dark'] as const

export function List({ entries }: { entries: readonly Entry[] }) {
  return (
    <main className={styles.page}>
      <h1>Gallery</h1>
      <p>Every screen and widget in its states, from doubles. Nothing here reads this machine.</p>
      <table>
        <tbody>
          {entries.map(({ name }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {THEMES.map((theme) => (
                <td key={theme}>
                  <a
                    className={text.inline}
                    href={`?${new URLSearchParams({ entry: name, theme })}`}
                    aria-label={`${name}, ${theme}`}
                  >
                    {theme}
                  </a>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </main>
  )
}
