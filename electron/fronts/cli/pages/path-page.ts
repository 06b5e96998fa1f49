/** The page of `path`. */
import type { Contender, PacketPath } from '../../../contract/analysis.ts'
import { type Column, table } from '../layout.ts'
import { type Line, line, span, type Tone } from '../text.ts'
import { count, endpointLine, protocolName } from '../words.ts'
import { sentences } from './probe-page.ts'

const tones: Record<Contender['outcome'], Tone> = {
  won: 'good',
  lost: 'plain',
  excluded: 'quiet',
  'not-reached': 'quiet',
}

export function pathPage(path: PacketPath, columns: number): Line[] {
  const layout: Column<Contender>[] = [
    { title: 'SOCKETS', keep: 80, align: 'right', cell: ({ sockets }) => count(sockets) },
    { title: 'PROTO', keep: 60, cell: ({ group }) => protocolName(group) },
    { title: 'ENDPOINT', keep: 100, shrinkTo: 21, cut: 'start', cell: ({ group }) => endpointLine(group) },
    { title: 'STATE', keep: 50, cell: ({ state }) => state },
    { title: 'SCORE', keep: 90, align: 'right', cell: ({ score }) => (score === null ? '–' : String(score)) },
    { title: 'OUTCOME', keep: 95, cell: ({ outcome }) => line(span(outcome, tones[outcome])) },
    { title: 'REASON', keep: 70, shrinkTo: 20, cell: ({ reason }) => reason },
  ]
  const width = Math.min(columns, 100)
  return [
    ...(path.contenders.length === 0 ? [] : [...table(layout, path.contenders, columns), line('')]),
    ...path.steps.flatMap((step, at) => sentences([`${at + 1}. ${step}`], width)),
    ...(path.warnings.length === 0 ? [] : [line(''), ...sentences(path.warnings, width)]),
  ]
}
