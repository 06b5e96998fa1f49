/** The keys and what they do; the help of `watch` has the same. */
export const WATCH_KEYS = [
  ['arrows, page', 'select a group, or scroll; also home and end'],
  ['enter', 'open the selected group with its members'],
  ['f', 'list the findings'],
  ['/', 'filter, in the language of the window; Esc clears it'],
  ['s, r', 'sort by the next column, reverse the order'],
  ['a', 'show or hide unshared sockets'],
  ['space', 'pause or resume'],
  ['w', 'write a snapshot to a file here'],
  ['y', "copy the selected group's id, where the terminal permits it"],
  ['?', 'these keys'],
  ['q, Esc', 'quit, go back'],
] as const satisfies readonly (readonly [keys: string, meaning: string])[]
