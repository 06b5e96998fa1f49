/** A context that components cannot do without. */
import { type Context, createContext, useContext } from 'react'

/** The context, to be given to a tree of components, and the hook that reads it. The hook throws where none was given. */
export function requiredContext<Value extends object>(name: string): [Context<Value | null>, () => Value] {
  const context = createContext<Value | null>(null)
  const use = () => {
    const value = useContext(context)
    if (value === null) throw new Error(`No ${name} is given to this component.`)
    return value
  }
  return [context, use]
}
