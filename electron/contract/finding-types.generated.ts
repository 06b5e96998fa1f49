// Written by `npm run generate` from the files in electron/engine/analyze/findings/types/.
export const FINDING_TEXTS = {
  'queue-overflowing': {
    tag: 'queue full',
    cause: 'queue',
    recipe: 'slow-worker',
    clause: null,
    source:
      'Length, limit and drops come from the kernel, per socket (sock_diag). ListenOverflows is counted for the whole network namespace: it confirms that a queue overflowed, but not which one. Why the program does not accept is not visible from here.',
  },
  'member-stalled': {
    tag: 'stalled',
    cause: 'queue',
    recipe: 'slow-worker',
    clause: null,
    source:
      'The queue of each member was read at several consecutive refreshes: these were never empty and never shrank, while others did. Which process waits on a member with epoll is read from /proc where permitted. Why that process accepts nothing is not visible from here.',
  },
  'port-hijackable': {
    tag: 'open to others',
    cause: 'receivers',
    recipe: 'no-hijacking',
    clause: 'sockets of other users can take its datagrams',
    source:
      'The owner of each socket comes from the kernel. SO_REUSEADDR and SO_REUSEPORT are read from the sockets themselves, through their owners’ descriptors; unreadable members raise nothing.',
  },
  'reload-lost-connections': {
    tag: 'lost at reload',
    cause: 'reload',
    recipe: 'listeners-change',
    clause: 'members closed with connections waiting',
    source:
      'Waiting connections are those read by the last refresh before the members closed. EstabResets and TCPMigrateReq are counted for the whole network namespace: they confirm a loss, but other sockets may have contributed. Shown for one minute.',
  },
  'udp-receive-drops': {
    tag: 'dropping',
    cause: 'queue',
    clause: null,
    source:
      'The kernel counts drops per socket (sock_diag); the finding reports the recent increase. RcvbufErrors is counted for the whole network namespace.',
  },
  'udp-not-read': {
    tag: 'not read',
    cause: 'queue',
    clause: 'datagrams are queued, and no process reads them',
    source:
      'The receive memory of each socket is read at every refresh (sock_diag). That no process reads is inferred from a queue that never shrank.',
  },
  'backlog-clamped': {
    tag: 'backlog clamped',
    cause: 'queue',
    clause: 'its backlog is clamped to net.core.somaxconn, and fills up',
    source:
      'The limit of each queue and net.core.somaxconn are read. The backlog passed to listen(2) cannot be read: that it was larger is a guess, because the two numbers are equal.',
  },
  'near-group-limit': {
    tag: 'near the limit',
    clause: 'it is close to the maximum number of members',
    source: 'The members are counted. The limit is the kernel’s own, and was measured.',
  },
  'program-misses-members': {
    tag: 'program misses',
    recipe: 'program-steers',
    clause: 'its BPF program can never pick some of its members',
    source:
      'The program, its maps and the order of the members are read from the kernel by BPF. A classic program is run for every number that it may return; of an extended one, the sockets in its socket arrays count as its targets.',
  },
  'member-gets-nothing': {
    tag: 'gets nothing',
    clause: 'some of its members get no connections',
    source:
      'What each member is given is counted by BPF while a screen or a command needs it. That a member got none is compared with equal shares: the probability is given.',
  },
  'imbalance-significant': {
    tag: 'uneven',
    clause: 'its connections are spread unevenly, beyond chance',
    source:
      'Established connections are counted per process that holds them, and tested against equal shares (chi-square): each connection is one flow. Where they are uneven, kernel lookups of sampled clients, if possible, separate the hash from the processes.',
  },
  'mixed-generations': {
    tag: 'old and new',
    cause: 'reload',
    clause: 'old and new processes serve side by side',
    source:
      'The start time of each process that serves a member is read from /proc. Two clusters of start times of one program that are further apart than either is wide count as two generations.',
  },
  'cpu-steering-partial': {
    tag: 'partly steered',
    clause: 'SO_INCOMING_CPU steers only part of it',
    source:
      'SO_INCOMING_CPU is read from the sockets themselves, through their owners’ descriptors. Members that cannot be read count as neither.',
  },
  'udp-newest-takes-all': {
    tag: 'newest takes all',
    cause: 'receivers',
    recipe: 'reuseaddr-is-not-reuseport',
    clause: 'only the newest socket receives',
    source:
      'How the sockets share the port is read from their options, or found by kernel lookups, which return the newest socket for every client.',
  },
  'group-shadowed': {
    tag: 'shadowed',
    clause: 'more specific binds take part of its traffic',
    source:
      'Derived from the addresses that these sockets are bound to and the order in which the kernel looks them up. The packet path on the group’s screen checks it with a kernel lookup.',
  },
  'large-ipv6-group': {
    tag: 'large IPv6',
    clause: 'each additional member joins more slowly',
    source: 'The members are counted. The cost of joining was measured on another machine of this kind.',
  },
  'not-a-group': {
    tag: 'one queue',
    recipe: 'accept-models',
    clause: 'several processes share one socket',
    source:
      'Processes with a descriptor of the socket are read from /proc; one that only passes it on to others is not counted as serving it. Processes that cannot be read may be missing.',
  },
} as const
