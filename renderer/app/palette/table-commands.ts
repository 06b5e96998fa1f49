/** The palette's commands for the groups table: order, sections, columns, density, saved filters. */
import { COLUMNS_HIDDEN_AT_FIRST } from '../../../electron/contract/default-settings.ts'
import { COLUMNS, showColumn } from '../../model/groups/columns.ts'
import { goTo } from '../../model/route.ts'
import type { PageStore } from '../../model/store/store.ts'
import { visibleName, visibleText } from '../../ui/visible-text.ts'
import type { Command } from './command.ts'

export function tableCommands({ session, view, changeSettings }: PageStore): Command[] {
  const { settings } = session.getState()
  const hidden = settings?.hiddenColumns ?? COLUMNS_HIDDEN_AT_FIRST
  return [
    ...COLUMNS.filter(({ sortBy }) => sortBy).map(({ id, title }) => ({
      id: `sort ${id}`,
      name: `Sort by ${title.toLowerCase()}`,
      aside: id === settings?.sort.column ? 'current' : '',
      icon: 'sortDown' as const,
      run: () => view.sortBy(id),
    })),
    ...(['none', 'process', 'unit', 'port', 'namespace'] as const).map((groupBy) => ({
      id: `group by ${groupBy}`,
      name: groupBy === 'none' ? 'Groups without sections' : `Group rows by ${groupBy}`,
      aside: groupBy === settings?.groupBy ? 'current' : '',
      icon: 'groups' as const,
      run: () => void changeSettings({ groupBy }),
    })),
    ...COLUMNS.filter(({ optional }) => optional).map(({ id, title }) => ({
      id: `column ${id}`,
      name: `${hidden.includes(id) ? 'Show' : 'Hide'} the column ${title}`,
      aside: '',
      icon: 'settings' as const,
      run: () => void changeSettings(showColumn(id, hidden.includes(id))),
    })),
    {
      id: 'reset columns',
      name: 'Reset columns',
      aside: '',
      icon: 'settings',
      run: () =>
        void changeSettings({ columnOrder: [], hiddenColumns: [...COLUMNS_HIDDEN_AT_FIRST], columnWidths: {} }),
    },
    ...(['compact', 'comfortable'] as const).map((density) => ({
      id: `density ${density}`,
      name: `Use ${density} rows`,
      aside: density === settings?.density ? 'current' : '',
      icon: 'settings' as const,
      run: () => void changeSettings({ density }),
    })),
    ...(settings?.savedFilters ?? []).map(({ name, filter }) => ({
      id: `saved ${name}`,
      name: `Filter: ${visibleName(name)}`,
      aside: visibleText(filter),
      icon: 'search' as const,
      run: () => {
        view.setFilter(`${filter} `)
        goTo({ screen: 'groups' })
      },
    })),
  ]
}
