/** The page of one group: its key, how it shares the port, the evidence, members, unknowns, findings. */

import { isLabGroup, receives } from '../../../contract/constants.ts'
import type { Process } from '../../../contract/live.ts'
import type { Group, Snapshot, SocketState } from '../../../contract/model.ts'
import { listedGroup } from '../../../engine/snapshots/index.ts'
import {
  describeEvidence,
  describeSharing,
  endpoint,
  evidenceLabel,
  formatCount,
  formatUser,
  namespaceName,
  pluralize,
  protocolName,
} from '../format.ts'
import { table } from '../layout.ts'
import { limitations } from '../limitations.ts'
import { memberColumns } from '../tables/members-table.ts'
import { processColumns } from '../tables/processes-table.ts'
import type { Terminal } from '../terminal.ts'
import { type Line, line, span } from '../text.ts'
import { wrap } from '../width.ts'
import { flowLines } from './flow-lines.ts'
import { kernelFacts } from './kernel-facts.ts'

/** Processes listed on the page. */
const MAX_PROCESSES = 40

/** "4 members, 1 connected", or "1 connected socket" where no socket receives. */
function formatMembers({ members }: Group): string {
  const count = (state: SocketState) => members.filter((member) => member.state === state).length
  const receiving = members.filter(({ state }) => receives(state)).length
  const silent = (['bound', 'connected'] as const).filter((state) => count(state) > 0)
  if (receiving === 0) return silent.map((state) => pluralize(count(state), `${state} socket`)).join(', ')
  return [pluralize(receiving, 'member'), ...silent.map((state) => `${count(state)} ${state}`)].join(', ')
}

/** The page in lines of at most `terminal.width` columns. `processes`: those that hold its members. */
export function groupPage(
  group: Group,
  snapshot: Snapshot,
  processes: readonly Process[],
  options: { readonly owners: boolean },
  terminal: Pick<Terminal, 'width'>,
): Line[] {
  const prose = Math.min(terminal.width, 100)
  const fact = (name: string, ...texts: (string | null)[]): Line[] => {
    const indent = 14
    const lines = texts.flatMap((text) => (text === null ? [] : wrap(text, Math.max(prose - indent, 20))))
    return lines.map((text, at) => line(span((at === 0 ? name : '').padEnd(indent), 'quiet'), text))
  }
  const receiving = group.members.filter((member) => receives(member.state))
  const v6only = group.v6only === null ? null : group.v6only ? 'IPv6 only' : 'dual-stack: IPv4 clients too'
  const limits = limitations(group, snapshot, options)
  return [
    line(span(`${protocolName(group)} ${endpoint(group)}`, 'strong'), `  ${formatMembers(group)}`),
    line(''),
    ...fact('Id', group.id),
    ...(isLabGroup(listedGroup(group)) ? fact('Label', 'lab', 'Test listeners of `reuseport-inspector lab`.') : []),
    ...fact('Sharing', group.sharing, describeSharing(group)),
    ...fact('Evidence', evidenceLabel(group.evidence), describeEvidence(group)),
    ...(v6only === null ? [] : fact('Family', v6only)),
    ...fact('User', group.uid === null || group.user === null ? formatUser(group) : `${group.user} (uid ${group.uid})`),
    ...fact('Namespace', `${namespaceName(group.netns, snapshot.namespaces)} (inode ${group.netns})`),
    ...(group.interface === null ? [] : fact('Interface', group.interface)),
    ...kernelFacts(group).flatMap(({ name, texts }) => fact(name, ...texts)),
    ...fact('Drops', receiving.length === 0 ? '–' : group.drops === null ? 'unknown' : formatCount(group.drops)),
    line(''),
    ...table(memberColumns(group, options), group.members, terminal.width),
    ...(processes.length === 0
      ? []
      : [line(''), ...table(processColumns(), processes.slice(0, MAX_PROCESSES), terminal.width)]),
    ...(processes.length > MAX_PROCESSES
      ? [line(span(`and ${formatCount(processes.length - MAX_PROCESSES)} more`, 'quiet'))]
      : []),
    ...(group.recentFlows === undefined ? [] : flowLines(group.recentFlows, group, terminal.width)),
    ...(limits.length === 0 ? [] : [line(''), line(span('Unknown', 'head'))]),
    ...limits.flatMap((sentence) => wrap(sentence, prose, '  ').map((text) => line(text))),
    ...snapshot.findings
      .filter((finding) => finding.group === group.id)
      .flatMap((finding) => [
        line(''),
        ...wrap(`${finding.severity}: ${finding.summary}`, prose).map((text) =>
          line(span(text, finding.severity === 'critical' ? 'bad' : 'warning')),
        ),
        ...wrap(finding.explanation, prose, '  ').map((text) => line(text)),
        ...wrap(finding.advice, prose, '  ').map((text) => line(text)),
      ]),
  ]
}
