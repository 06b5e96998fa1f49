/** The report of `during` on the terminal, and for a ticket: text, Markdown, HTML. */
import { formatCount, formatDuration } from '../../../contract/format.ts'
import { asCode, asCodeCell, asSentence, asText, markup, STYLE } from '../../../engine/snapshots/index.ts'
import { type Column, table } from '../layout.ts'
import { type Line, line, span } from '../text.ts'
import { wrap } from '../width.ts'
import { type DuringReport, droppedText, groupName, lostSomething } from './report.ts'
import type { GroupTally } from './tally.ts'

type Field = {
  readonly title: string
  readonly align?: 'right'
  /** On a narrow terminal the other fields stay. */
  readonly minor?: true
  readonly text: (group: GroupTally) => string
  readonly bad: (group: GroupTally) => boolean
}

const never = () => false

const FIELDS: readonly Field[] = [
  { title: 'Group', text: groupName, bad: never },
  {
    title: 'Members',
    align: 'right',
    text: ({ members: { before, after } }) =>
      before === after ? formatCount(after) : `${formatCount(before)} → ${formatCount(after)}`,
    bad: never,
  },
  { title: 'Joined', align: 'right', text: ({ joined }) => formatCount(joined), bad: never },
  { title: 'Left', align: 'right', text: ({ left }) => formatCount(left), bad: never },
  {
    title: 'Processes',
    minor: true,
    text: ({ processes }) => `${formatCount(processes.new)} new, ${formatCount(processes.gone)} gone`,
    bad: never,
  },
  {
    title: 'Waiting',
    align: 'right',
    text: ({ waiting }) => (waiting === null ? '–' : formatCount(waiting)),
    bad: ({ waiting }) => (waiting ?? 0) > 0,
  },
  { title: 'Drops', align: 'right', text: droppedText, bad: ({ dropped }) => (dropped ?? 0) > 0 },
  {
    title: 'Queue full',
    text: ({ longestFullMs }) => (longestFullMs === 0 ? '–' : formatDuration(longestFullMs)),
    bad: ({ longestFullMs }) => longestFullMs > 0,
  },
]

/** The page of the terminal. */
export function duringPage(report: DuringReport, columns: number): Line[] {
  const layout = FIELDS.map(
    ({ title, text, bad, align, minor }, at): Column<GroupTally> => ({
      title: title.toUpperCase(),
      priority: minor === true ? 0 : 100 - at,
      ...(align === undefined ? {} : { align }),
      ...(at === 0 ? { shrinkTo: 16 } : {}),
      cell: (group) => line(span(text(group), bad(group) ? 'bad' : 'plain')),
    }),
  )
  const [first, ...others] = report.summary
  const [verdict, ...rest] = others
  const prose = Math.min(columns, 100)
  const paragraph = (text: string | undefined, tone: 'plain' | 'bad' | 'good') =>
    text === undefined ? [] : wrap(text, prose).map((part) => line(span(part, tone)))
  return [
    ...(report.groups.length === 0 ? [] : [...table(layout, report.groups, columns), line('')]),
    ...paragraph(first, 'plain'),
    ...paragraph(verdict, lostSomething(report) ? 'bad' : 'good'),
    ...rest.flatMap((text) => paragraph(text, 'plain')),
  ]
}

/** Markdown for a ticket (GitHub's dialect). */
export function duringMarkdown(report: DuringReport): string {
  const rows = report.groups.map((group) =>
    FIELDS.map(({ text }, at) => (at === 0 ? asCodeCell(text(group)) : asText(text(group)))).join(' | '),
  )
  const titles = FIELDS.map(({ title }) => title)
  const lines = [
    `# What ${asCode(report.command.join(' '))} cost`,
    '',
    `Started ${report.startedAt}.`,
    '',
    ...report.summary.map((text) => `- ${asSentence(text)}`),
    ...(rows.length === 0
      ? []
      : ['', `| ${titles.join(' | ')} |`, `|${'---|'.repeat(titles.length)}`, ...rows.map((row) => `| ${row} |`)]),
  ]
  return `${lines.join('\n')}\n`
}

/** One HTML file without network access or scripts. */
export function duringHtml(report: DuringReport): string {
  const title = markup(`What ${report.command.join(' ')} cost`)
  const head = FIELDS.map((field) => `<th>${markup(field.title)}</th>`).join('')
  const rows = report.groups
    .map((group) => `<tr>${FIELDS.map(({ text }) => `<td>${markup(text(group))}</td>`).join('')}</tr>`)
    .join('\n')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer"><title>${title}</title><style>${STYLE}</style></head>
<body><main><h1>${title}</h1>
<p class="note">Started <time datetime="${report.startedAt}">${report.startedAt}</time>.</p>
<ul>${report.summary.map((text) => `<li>${markup(text)}</li>`).join('')}</ul>
${rows === '' ? '' : `<table><thead><tr>${head}</tr></thead><tbody>\n${rows}\n</tbody></table>\n`}</main></body></html>
`
}
