/** All hosts: each with its verdict, worst first, and below them their groups in trouble. */

import { clsx } from 'clsx'
import { fleetSentence } from '../../model/hosts/host-verdict.ts'
import { useHosts } from '../../model/hosts/hosts.ts'
import { Icon } from '../../ui/icon.tsx'
import { Pane } from '../../ui/pane.tsx'
import { Sign } from '../../ui/sign.tsx'
import text from '../../ui/text.module.css'
import { Button } from '../../ui/widgets.tsx'
import css from './hosts-screen.module.css'
import { HostsTable } from './hosts-table.tsx'
import { TroubledGroups } from './troubled-groups.tsx'
import { useHostRows } from './use-host-rows.ts'

/** `connect` opens the dialog, for a host where one is given. `showRoot` shows what root sees; null where not offered. */
export function HostsScreen(props: { connect: (name: string | null) => void; showRoot: (() => void) | null }) {
  const { connect, showRoot } = props
  const offered = useHosts(({ client }) => client !== null)
  const rows = useHostRows()
  if (!offered)
    return (
      <>
        <h1 className={text.hidden}>All hosts</h1>
        <Pane icon={<Icon name="hosts" />} title="Other hosts are not offered here">
          <p>
            Start the server with <code>reuseport-inspector serve --hosts</code>, or use the window.
          </p>
        </Pane>
      </>
    )
  const severities = rows.map(({ severity }) => severity)
  const worst = severities[0] ?? 'none'
  return (
    <div className={css.hosts} tabIndex={-1}>
      <h1 className={text.hidden}>All hosts</h1>
      <section className={css.verdict} aria-label="Verdict">
        {worst !== 'none' && <Sign name={worst} size="large" />}
        <p role="status">
          <b>{fleetSentence(severities)}</b>
        </p>
        <Button onPress={() => connect(null)}>
          <Icon name="add" />
          Connect to a host…
        </Button>
      </section>
      <HostsTable rows={rows} connect={connect} showRoot={showRoot} />
      <TroubledGroups rows={rows} />
      <p className={clsx(text.second, css.note)}>
        Ages are by each host’s own clock. A host that cannot be seen is unknown, and not added. For more than some tens
        of hosts, run <code>serve --metrics</code> on each and use Prometheus.
      </p>
    </div>
  )
}
