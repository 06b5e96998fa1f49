/** Gives the page's store to its components. */
import { requiredContext } from '../../ui/required-context.ts'
import type { PageStore } from './store.ts'

export const [StoreProvider, usePageStore] = requiredContext<PageStore>('store')
