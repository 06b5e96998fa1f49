/** Written by `npm run generate`. The last one is for stylesheets without classes. */

declare module '*/age.module.css' {
  const css: {
    readonly age: string
    readonly dead: string
    readonly late: string
    readonly live: string
    readonly paused: string
  }
  export default css
}
declare module '*/counter-rates.module.css' {
  const css: {
    readonly loss: string
    readonly rate: string
  }
  export default css
}
declare module '*/filter-box.module.css' {
  const css: {
    readonly active: string
    readonly aside: string
    readonly completion: string
    readonly error: string
    readonly filter: string
    readonly key: string
    readonly token: string
    readonly wrong: string
  }
  export default css
}
declare module '*/frame.module.css' {
  const css: {
    readonly content: string
    readonly frame: string
  }
  export default css
}
declare module '*/machine-switch.module.css' {
  const css: {
    readonly host: string
    readonly kernel: string
    readonly machine: string
    readonly separator: string
  }
  export default css
}
declare module '*/navigation.module.css' {
  const css: {
    readonly count: string
    readonly foot: string
    readonly name: string
    readonly nav: string
  }
  export default css
}
declare module '*/notice-bar.module.css' {
  const css: {
    readonly notice: string
    readonly place: string
  }
  export default css
}
declare module '*/status-line.module.css' {
  const css: {
    readonly grow: string
    readonly optional: string
    readonly permissions: string
    readonly status: string
  }
  export default css
}
declare module '*/top-bar.module.css' {
  const css: {
    readonly chooser: string
    readonly label: string
    readonly top: string
  }
  export default css
}
declare module '*/help-dialog.module.css' {
  const css: {
    readonly columns: string
    readonly help: string
  }
  export default css
}
declare module '*/palette.module.css' {
  const css: {
    readonly commands: string
    readonly nothing: string
    readonly palette: string
    readonly search: string
  }
  export default css
}
declare module '*/event-document.module.css' {
  const css: {
    readonly document: string
    readonly generations: string
    readonly place: string
    readonly ways: string
  }
  export default css
}
declare module '*/event-list.module.css' {
  const css: {
    readonly box: string
    readonly critical: string
    readonly event: string
    readonly head: string
    readonly kind: string
    readonly log: string
    readonly loses: string
    readonly lost: string
    readonly row: string
    readonly space: string
    readonly summary: string
    readonly unwatched: string
    readonly where: string
  }
  export default css
}
declare module '*/event-strip.module.css' {
  const css: {
    readonly chosen: string
    readonly critical: string
    readonly gap: string
    readonly line: string
    readonly mark: string
    readonly now: string
    readonly strip: string
    readonly times: string
  }
  export default css
}
declare module '*/events-screen.module.css' {
  const css: {
    readonly body: string
    readonly choices: string
    readonly screen: string
    readonly time: string
    readonly verdict: string
  }
  export default css
}
declare module '*/document.module.css' {
  const css: {
    readonly after: string
    readonly cleared: string
    readonly cost: string
    readonly document: string
    readonly ended: string
    readonly lost: string
    readonly numbers: string
    readonly place: string
    readonly same: string
    readonly ways: string
    readonly withChart: string
  }
  export default css
}
declare module '*/finding-list-box.module.css' {
  const css: {
    readonly box: string
    readonly cleared: string
    readonly critical: string
    readonly finding: string
    readonly heading: string
    readonly lost: string
    readonly muted: string
    readonly since: string
    readonly space: string
    readonly where: string
    readonly whose: string
  }
  export default css
}
declare module '*/finding-steps.module.css' {
  const css: {
    readonly cost: string
    readonly steps: string
    readonly stuck: string
    readonly workers: string
  }
  export default css
}
declare module '*/findings-screen.module.css' {
  const css: {
    readonly link: string
    readonly list: string
    readonly more: string
    readonly old: string
    readonly screen: string
  }
  export default css
}
declare module '*/queue-chart.module.css' {
  const css: {
    readonly atFloor: string
    readonly atLimit: string
    readonly bad: string
    readonly chart: string
    readonly end: string
    readonly floor: string
    readonly leftwards: string
    readonly limit: string
    readonly line: string
    readonly mark: string
    readonly over: string
  }
  export default css
}
declare module '*/ask-panel.module.css' {
  const css: {
    readonly answer: string
    readonly arrival: string
    readonly ask: string
    readonly candidates: string
    readonly endpoint: string
    readonly form: string
    readonly head: string
    readonly inline: string
    readonly ipv6: string
    readonly name: string
    readonly reason: string
    readonly sockets: string
    readonly step: string
    readonly title: string
    readonly why: string
    readonly won: string
  }
  export default css
}
declare module '*/path-overlay.module.css' {
  const css: {
    readonly knot: string
    readonly overlay: string
    readonly step: string
    readonly way: string
  }
  export default css
}
declare module '*/badge.module.css' {
  const css: {
    readonly badge: string
  }
  export default css
}
declare module '*/balance-section.module.css' {
  const css: {
    readonly spread: string
  }
  export default css
}
declare module '*/clients-fact.module.css' {
  const css: {
    readonly clients: string
  }
  export default css
}
declare module '*/fact-popover.module.css' {
  const css: {
    readonly card: string
    readonly open: string
    readonly wide: string
  }
  export default css
}
declare module '*/fact-table.module.css' {
  const css: {
    readonly table: string
  }
  export default css
}
declare module '*/grid-legend.module.css' {
  const css: {
    readonly bad: string
    readonly bin: string
    readonly full: string
    readonly histogram: string
    readonly legend: string
    readonly sums: string
    readonly unknown: string
    readonly wide: string
  }
  export default css
}
declare module '*/grid-section.module.css' {
  const css: {
    readonly section: string
    readonly tools: string
  }
  export default css
}
declare module '*/heat-grid.module.css' {
  const css: {
    readonly card: string
    readonly cell: string
    readonly chosen: string
    readonly grid: string
    readonly picked: string
    readonly tile: string
  }
  export default css
}
declare module '*/group-head.module.css' {
  const css: {
    readonly actions: string
    readonly back: string
    readonly facts: string
    readonly found: string
    readonly protocol: string
    readonly title: string
    readonly verdict: string
  }
  export default css
}
declare module '*/group-screen.module.css' {
  const css: {
    readonly bottom: string
    readonly head: string
    readonly screen: string
    readonly split: string
    readonly wide: string
    readonly zone: string
  }
  export default css
}
declare module '*/group-states.module.css' {
  const css: {
    readonly ended: string
    readonly rest: string
    readonly state: string
  }
  export default css
}
declare module '*/history-chart.module.css' {
  const css: {
    readonly band: string
    readonly bands: string
    readonly canvas: string
    readonly critical: string
    readonly dropped: string
    readonly event: string
    readonly gap: string
    readonly history: string
    readonly limit: string
    readonly mark: string
    readonly markText: string
    readonly now: string
    readonly plot: string
    readonly range: string
    readonly times: string
    readonly warning: string
  }
  export default css
}
declare module '*/lane-title.module.css' {
  const css: {
    readonly sorted: string
    readonly title: string
  }
  export default css
}
declare module '*/lanes.module.css' {
  const css: {
    readonly accepted: string
    readonly accused: string
    readonly bad: string
    readonly bar: string
    readonly card: string
    readonly chosen: string
    readonly command: string
    readonly drops: string
    readonly full: string
    readonly given: string
    readonly gone: string
    readonly lanes: string
    readonly length: string
    readonly limit: string
    readonly new: string
    readonly number: string
    readonly owner: string
    readonly percent: string
    readonly picked: string
    readonly queue: string
    readonly right: string
    readonly share: string
    readonly started: string
    readonly step: string
    readonly trend: string
    readonly unknown: string
    readonly wait: string
  }
  export default css
}
declare module '*/member-card.module.css' {
  const css: {
    readonly card: string
    readonly command: string
  }
  export default css
}
declare module '*/member-panel.module.css' {
  const css: {
    readonly panel: string
  }
  export default css
}
declare module '*/neighbors-list.module.css' {
  const css: {
    readonly neighbors: string
    readonly relation: string
    readonly warns: string
    readonly whose: string
  }
  export default css
}
declare module '*/ring-panel.module.css' {
  const css: {
    readonly figure: string
  }
  export default css
}
declare module '*/ring.module.css' {
  const css: {
    readonly alternate: string
    readonly arc: string
    readonly chosen: string
    readonly full: string
    readonly going: string
    readonly picked: string
    readonly ring: string
  }
  export default css
}
declare module '*/waiting-fact.module.css' {
  const css: {
    readonly clients: string
  }
  export default css
}
declare module '*/column-chooser.module.css' {
  const css: {
    readonly columns: string
    readonly fixed: string
    readonly move: string
  }
  export default css
}
declare module '*/column-resizer.module.css' {
  const css: {
    readonly edge: string
  }
  export default css
}
declare module '*/group-row.module.css' {
  const css: {
    readonly address: string
    readonly bad: string
    readonly bars: string
    readonly basis: string
    readonly calm: string
    readonly changedEven: string
    readonly changedOdd: string
    readonly colon: string
    readonly critical: string
    readonly evidence: string
    readonly gone: string
    readonly length: string
    readonly limit: string
    readonly name: string
    readonly namespace: string
    readonly near: string
    readonly new: string
    readonly other: string
    readonly owner: string
    readonly row: string
    readonly selected: string
    readonly times: string
    readonly user: string
  }
  export default css
}
declare module '*/groups-screen.module.css' {
  const css: {
    readonly groups: string
  }
  export default css
}
declare module '*/groups-table.module.css' {
  const css: {
    readonly body: string
    readonly grid: string
  }
  export default css
}
declare module '*/groups-toolbar.module.css' {
  const css: {
    readonly apply: string
    readonly forget: string
    readonly form: string
    readonly label: string
    readonly right: string
    readonly saved: string
    readonly toolbar: string
  }
  export default css
}
declare module '*/row-menu.module.css' {
  const css: {
    readonly anchor: string
    readonly item: string
    readonly line: string
  }
  export default css
}
declare module '*/section-row.module.css' {
  const css: {
    readonly aside: string
    readonly bad: string
    readonly cell: string
    readonly name: string
    readonly section: string
  }
  export default css
}
declare module '*/table-head.module.css' {
  const css: {
    readonly aside: string
    readonly head: string
    readonly numeric: string
  }
  export default css
}
declare module '*/verdict-line.module.css' {
  const css: {
    readonly right: string
    readonly verdict: string
  }
  export default css
}
declare module '*/choose-host.module.css' {
  const css: {
    readonly list: string
    readonly name: string
    readonly none: string
    readonly search: string
  }
  export default css
}
declare module '*/connect-dialog.module.css' {
  const css: {
    readonly connect: string
  }
  export default css
}
declare module '*/connect-parts.module.css' {
  const css: {
    readonly body: string
    readonly foot: string
    readonly note: string
    readonly said: string
    readonly title: string
  }
  export default css
}
declare module '*/connected.module.css' {
  const css: {
    readonly facts: string
  }
  export default css
}
declare module '*/connecting.module.css' {
  const css: {
    readonly bar: string
    readonly now: string
    readonly ring: string
    readonly steps: string
    readonly time: string
  }
  export default css
}
declare module '*/host-rows.module.css' {
  const css: {
    readonly number: string
    readonly rows: string
    readonly sign: string
  }
  export default css
}
declare module '*/hosts-screen.module.css' {
  const css: {
    readonly hosts: string
    readonly note: string
    readonly verdict: string
  }
  export default css
}
declare module '*/hosts-table.module.css' {
  const css: {
    readonly bad: string
    readonly critical: string
    readonly end: string
    readonly hosts: string
    readonly off: string
    readonly scroll: string
    readonly verdict: string
  }
  export default css
}
declare module '*/question.module.css' {
  const css: {
    readonly field: string
    readonly question: string
  }
  export default css
}
declare module '*/troubled-groups.module.css' {
  const css: {
    readonly drops: string
    readonly groups: string
    readonly problem: string
  }
  export default css
}
declare module '*/add-member.module.css' {
  const css: {
    readonly form: string
  }
  export default css
}
declare module '*/checks.module.css' {
  const css: {
    readonly bound: string
    readonly checks: string
    readonly holds: string
  }
  export default css
}
declare module '*/error-text.module.css' {
  const css: {
    readonly error: string
  }
  export default css
}
declare module '*/lab-form.module.css' {
  const css: {
    readonly section: string
    readonly start: string
    readonly three: string
    readonly ticks: string
    readonly two: string
    readonly will: string
  }
  export default css
}
declare module '*/lab-head.module.css' {
  const css: {
    readonly actions: string
    readonly endpoint: string
    readonly head: string
    readonly missing: string
    readonly protocol: string
    readonly tag: string
  }
  export default css
}
declare module '*/lab-page.module.css' {
  const css: {
    readonly received: string
    readonly socket: string
    readonly standing: string
  }
  export default css
}
declare module '*/lab-screen.module.css' {
  const css: {
    readonly screen: string
    readonly work: string
  }
  export default css
}
declare module '*/listen-form.module.css' {
  const css: {
    readonly accepting: string
    readonly grid: string
    readonly listen: string
  }
  export default css
}
declare module '*/members-table.module.css' {
  const css: {
    readonly action: string
    readonly actions: string
    readonly cookie: string
    readonly members: string
    readonly num: string
    readonly share: string
    readonly swatch: string
    readonly track: string
  }
  export default css
}
declare module '*/more-fields.module.css' {
  const css: {
    readonly more: string
  }
  export default css
}
declare module '*/recipe-page.module.css' {
  const css: {
    readonly line: string
    readonly own: string
    readonly say: string
    readonly why: string
  }
  export default css
}
declare module '*/share-chart.module.css' {
  const css: {
    readonly area: string
    readonly caption: string
    readonly even: string
    readonly lines: string
    readonly marked: string
    readonly median: string
    readonly other: string
  }
  export default css
}
declare module '*/side-list.module.css' {
  const css: {
    readonly new: string
    readonly second: string
    readonly side: string
    readonly silent: string
  }
  export default css
}
declare module '*/traffic-form.module.css' {
  const css: {
    readonly form: string
    readonly start: string
    readonly wide: string
  }
  export default css
}
declare module '*/traffic-panel.module.css' {
  const css: {
    readonly bad: string
    readonly bar: string
    readonly figures: string
    readonly full: string
    readonly none: string
    readonly reading: string
    readonly running: string
    readonly traffic: string
  }
  export default css
}
declare module '*/variants-table.module.css' {
  const css: {
    readonly bad: string
    readonly bar: string
    readonly bars: string
    readonly best: string
    readonly figure: string
    readonly mean: string
    readonly names: string
    readonly notes: string
    readonly one: string
    readonly quiet: string
    readonly running: string
    readonly shape: string
    readonly socket: string
    readonly unit: string
    readonly variants: string
    readonly who: string
    readonly wire: string
    readonly worker: string
  }
  export default css
}
declare module '*/permissions-screen.module.css' {
  const css: {
    readonly checks: string
    readonly more: string
    readonly remedy: string
  }
  export default css
}
declare module '*/bind-matrix.module.css' {
  const css: {
    readonly cell: string
    readonly free: string
    readonly matrix: string
    readonly place: string
    readonly refused: string
    readonly why: string
  }
  export default css
}
declare module '*/in-front.module.css' {
  const css: {
    readonly steps: string
  }
  export default css
}
declare module '*/port-findings.module.css' {
  const css: {
    readonly findings: string
  }
  export default css
}
declare module '*/port-head.module.css' {
  const css: {
    readonly actions: string
    readonly head: string
    readonly title: string
    readonly verdict: string
  }
  export default css
}
declare module '*/port-input.module.css' {
  const css: {
    readonly form: string
    readonly input: string
  }
  export default css
}
declare module '*/port-screen.module.css' {
  const css: {
    readonly columns: string
    readonly facts: string
    readonly limitations: string
    readonly problem: string
    readonly screen: string
  }
  export default css
}
declare module '*/port-table.module.css' {
  const css: {
    readonly endpoint: string
    readonly note: string
    readonly number: string
    readonly owner: string
    readonly place: string
    readonly table: string
  }
  export default css
}
declare module '*/who-has-it.module.css' {
  const css: {
    readonly besides: string
    readonly name: string
    readonly sharing: string
  }
  export default css
}
declare module '*/notification-choice.module.css' {
  const css: {
    readonly choice: string
  }
  export default css
}
declare module '*/settings-screen.module.css' {
  const css: {
    readonly choices: string
  }
  export default css
}
declare module '*/comparison.module.css' {
  const css: {
    readonly added: string
    readonly bad: string
    readonly comparison: string
    readonly critical: string
    readonly droppedColumn: string
    readonly endpoint: string
    readonly findings: string
    readonly full: string
    readonly groupColumn: string
    readonly members: string
    readonly membersColumn: string
    readonly near: string
    readonly none: string
    readonly num: string
    readonly owners: string
    readonly queueColumn: string
    readonly removed: string
    readonly rest: string
    readonly same: string
    readonly state: string
    readonly stateColumn: string
    readonly two: string
    readonly value: string
  }
  export default css
}
declare module '*/player.module.css' {
  const css: {
    readonly cutOff: string
    readonly happened: string
    readonly line: string
    readonly player: string
    readonly rail: string
    readonly speed: string
    readonly thumb: string
    readonly tick: string
    readonly track: string
    readonly where: string
  }
  export default css
}
declare module '*/snapshot-list.module.css' {
  const css: {
    readonly about: string
    readonly aside: string
    readonly chosenA: string
    readonly chosenB: string
    readonly letter: string
    readonly list: string
    readonly name: string
    readonly on: string
    readonly recording: string
    readonly side: string
    readonly sides: string
  }
  export default css
}
declare module '*/snapshots-screen.module.css' {
  const css: {
    readonly a: string
    readonly apart: string
    readonly b: string
    readonly compared: string
    readonly head: string
    readonly letter: string
    readonly line: string
    readonly right: string
    readonly screen: string
    readonly told: string
    readonly which: string
    readonly working: string
  }
  export default css
}
declare module '*/waiting.module.css' {
  const css: {
    readonly rows: string
  }
  export default css
}
declare module '*/banner.module.css' {
  const css: {
    readonly banner: string
    readonly critical: string
    readonly notLive: string
    readonly warning: string
  }
  export default css
}
declare module '*/choices.module.css' {
  const css: {
    readonly choice: string
    readonly mark: string
    readonly round: string
    readonly switch: string
    readonly track: string
  }
  export default css
}
declare module '*/control.module.css' {
  const css: {
    readonly control: string
    readonly row: string
  }
  export default css
}
declare module '*/copying.module.css' {
  const css: {
    readonly icon: string
    readonly line: string
  }
  export default css
}
declare module '*/dialogs.module.css' {
  const css: {
    readonly dialog: string
    readonly overlay: string
  }
  export default css
}
declare module '*/field.module.css' {
  const css: {
    readonly beside: string
    readonly field: string
    readonly label: string
  }
  export default css
}
declare module '*/fields.module.css' {
  const css: {
    readonly box: string
    readonly mono: string
    readonly right: string
  }
  export default css
}
declare module '*/icon.module.css' {
  const css: {
    readonly dim: string
    readonly icon: string
  }
  export default css
}
declare module '*/menu.module.css' {
  const css: {
    readonly aside: string
    readonly card: string
    readonly float: string
    readonly heading: string
    readonly menu: string
  }
  export default css
}
declare module '*/page.module.css' {
  const css: {
    readonly page: string
  }
  export default css
}
declare module '*/pane.module.css' {
  const css: {
    readonly pane: string
    readonly ways: string
  }
  export default css
}
declare module '*/progress-bar.module.css' {
  const css: {
    readonly bar: string
  }
  export default css
}
declare module '*/queue-bars.module.css' {
  const css: {
    readonly bars: string
  }
  export default css
}
declare module '*/screen.module.css' {
  const css: {
    readonly screen: string
    readonly side: string
  }
  export default css
}
declare module '*/segmented-control.module.css' {
  const css: {
    readonly segment: string
    readonly segmented: string
    readonly stretch: string
  }
  export default css
}
declare module '*/sharing-icon.module.css' {
  const css: {
    readonly hollow: string
    readonly large: string
    readonly sharing: string
  }
  export default css
}
declare module '*/sign.module.css' {
  const css: {
    readonly changed: string
    readonly critical: string
    readonly cut: string
    readonly fill: string
    readonly gone: string
    readonly info: string
    readonly large: string
    readonly new: string
    readonly none: string
    readonly ok: string
    readonly sign: string
    readonly small: string
    readonly stroke: string
    readonly unknown: string
    readonly warning: string
  }
  export default css
}
declare module '*/sort-title.module.css' {
  const css: {
    readonly title: string
    readonly unsorted: string
  }
  export default css
}
declare module '*/sparkline.module.css' {
  const css: {
    readonly critical: string
    readonly limit: string
    readonly line: string
    readonly spark: string
    readonly unknown: string
  }
  export default css
}
declare module '*/states.module.css' {
  const css: {
    readonly rest: string
  }
  export default css
}
declare module '*/table.module.css' {
  const css: {
    readonly table: string
  }
  export default css
}
declare module '*/text.module.css' {
  const css: {
    readonly bad: string
    readonly cut: string
    readonly hidden: string
    readonly inline: string
    readonly link: string
    readonly mono: string
    readonly quiet: string
    readonly second: string
  }
  export default css
}
declare module '*/widgets.module.css' {
  const css: {
    readonly button: string
    readonly critical: string
    readonly lab: string
    readonly primary: string
    readonly quiet: string
    readonly running: string
    readonly stop: string
    readonly tag: string
    readonly unknown: string
    readonly warn: string
  }
  export default css
}
declare module '*.css' {}
