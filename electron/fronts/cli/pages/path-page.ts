/** The page of `path`. */
import type { Candidate, PacketPath } from '../../../contract/analysis.ts'
import { endpointLine, formatCount, protocolName } from '../format.ts'
import { type Column, table } from '../layout.ts'
import { type Line, line, span, type Tone } from '../text.ts'
import { sentences } from './probe-page.ts'

const tones: Record<Candidate['outcome'], Tone> = {
  won: 'good',
  lost: 'plain',
  excluded: 'quiet',
  'not-reached': 'quiet',
}

export function pathPage(path: PacketPath, columns: number): Line[] {
  const layout: Column<Candidate>[] = [
    { title: 'SOCKETS', priority: 80, align: 'right', cell: ({ sockets }) => formatCount(sockets) },
    { title: 'PROTO', priority: 60, cell: ({ group }) => protocolName(group) },
    { title: 'ENDPOINT', priority: 100, shrinkTo: 21, cut: 'start', cell: ({ group }) => endpointLine(group) },
    { title: 'STATE', priority: 50, cell: ({ state }) => state },
    { title: 'SCORE', priority: 90, align: 'right', cell: ({ score }) => (score === null ? '–' : String(score)) },
    { title: 'OUTCOME', priority: 95, cell: ({ outcome }) => line(span(outcome, tones[outcome])) },
    { title: 'REASON', priority: 70, shrinkTo: 20, cell: ({ reason }) => reason },
  ]
  const width = Math.min(columns, 100)
  return [
    ...(path.candidates.length === 0 ? [] : [...table(layout, path.candidates, columns), line('')]),
    ...path.steps.flatMap((step, at) => sentences([`${at + 1}. ${step}`], width)),
    ...(path.warnings.length === 0 ? [] : [line(''), ...sentences(path.warnings, width)]),
  ]
}
