/**
 * Words that no file contains, and what to write instead (words.test.ts). The glossary in CONTRIBUTING.md has the terms.
 * A space in `words` also matches a line break in a comment.
 */
export type BannedWord = {
  words: RegExp
  instead: string
  /** Only in files whose path matches; otherwise in all. */
  files?: RegExp
}

/** In any text. */
const phrases: BannedWord[] = [
  { words: /\bwhoever\b/i, instead: 'anyone who' },
  { words: /\bgravest\b/i, instead: 'by severity, or most severe' },
  { words: /\bto be had\b/i, instead: 'available: "is not available", "cannot be read"' },
  { words: /\bhad here\b/i, instead: 'available here' },
  { words: /\bas dear\b/i, instead: 'the cost as a number: "about 50 % more expensive"' },
  { words: /\bstands? still\b/i, instead: 'is stuck' },
  { words: /\bpictures? stands?\b/i, instead: 'the frame is valid, or the snapshot is shown' },
  { words: /\b(?:is|are|was|were) told\b(?! (?:apart|from)\b)/i, instead: 'receives, is reported' },
  { words: /\blets? go\b/i, instead: 'releases' },
  { words: /\bfor ever\b/i, instead: 'forever' },
  { words: /\bmay(?: not)? be read\b/i, instead: 'is readable' },
  { words: /\bcannot be told\b/i, instead: 'is unknown, is unavailable' },
  { words: /\bround and round\b/i, instead: 'round-robin' },
  { words: /\btime lines?\b/i, instead: 'timeline' },
  { words: /\bsteering oracle\b/i, instead: 'kernel lookup' },
  { words: /\bplain sockets?\b/i, instead: 'unshared sockets' },
  { words: /\bcomes? in by\b/i, instead: 'ingress interface, arrives on' },
  {
    words:
      /\b(?:connections|datagrams|drops|dropped|sockets|closes|opens|refreshes|requests|flows|clients|times|once|twice|B|kB|KiB|MB|MiB) a second\b/i,
    instead: 'per second',
  },
  {
    words: /\bNobody\b|\b(?:that|whom|which) nobody\b|\bnobody (?:can|could|else|may|gets|reads|accepts|answers)\b/,
    instead: 'no one, none, unserved',
  },
  { words: /\bRights\b/, instead: 'Permissions' },
  { words: /\bgrey\b/i, instead: 'gray' },
  { words: /\blicences?\b/i, instead: 'license' },
]

/** On screens. */
const screens: BannedWord[] = [
  { words: /\bhow we know\b/i, instead: 'Evidence' },
  { words: /\bWhat can be seen here\b/, instead: 'Permissions' },
  { words: /\bLook again\b/, instead: 'Re-check' },
  { words: /\bIt gets nothing of\b/, instead: 'Clients of X go to Y, a more specific bind' },
  { words: /\bwait where\b/i, instead: '33 connections queued (limit 32)' },
  { words: /\b(?:does|do) not drain\b/i, instead: 'is not draining' },
  { words: /\bIt is one socket with one queue\b/, instead: 'One socket shared by N processes' },
  { words: /\bonly the newest receives\b/i, instead: 'Only the newer of 2 sockets receives' },
  {
    words: /\bwaiting: (?:they were|it was) reset\b/,
    instead: '1 member closed with 1 connection waiting; it was reset',
  },
  { words: /\bsurer\b/i, instead: 'This is conclusive; To increase confidence' },
  { words: /\bsecret of this boot\b/i, instead: 'per-boot secret' },
  { words: /\bthe order is ours\b/i, instead: 'arc order is arbitrary' },
  { words: /\bNo other socket of this namespace\b/, instead: 'Nothing else uses port N in this namespace' },
  { words: /\bNo port is shared\b/i, instead: 'No shared ports' },
  { words: /\bHear of it\b/i, instead: 'Unmute' },
  { words: /\bAll of the kind\b/i, instead: 'All findings of this type' },
  { words: /\bNothing is kept\b/i, instead: 'No snapshots yet' },
  { words: /\bkept snapshots?\b/i, instead: 'saved snapshots' },
  { words: /\bSave a snapshot of now\b/, instead: 'Save snapshot' },
  { words: /\bRecord from now on\b/, instead: 'Start recording' },
  { words: /\bRead once, now\b/, instead: 'Refresh now' },
  { words: /\bkernel settings too\b/i, instead: 'kernel settings unchanged' },
  { words: /\bOn this line drops\b/, instead: '2 drop episodes, 5 members left' },
  { words: /\bThat did not work\b/, instead: "Couldn't …" },
  { words: /\bCame back\b/, instead: 'Error' },
  { words: /\bsays nothing known\b/i, instead: 'unknown schema' },
  { words: /\bcould not be looked at\b/i, instead: 'Could not check …' },
  { words: /\bTo what happened\b/, instead: 'Previous event, next event' },
  { words: /\bWhat became of\b/i, instead: 'Outcome' },
  { words: /\bWhere the line is\b/, instead: 'Pass criterion' },
  { words: /\bWhy it is so\b/, instead: 'Explanation' },
  { words: /\bMost ÷ least\b/i, instead: 'Max ÷ min' },
  { words: /\bRun a short one\b/, instead: 'Quick run' },
  { words: /\bEach worker takes from\b/, instead: 'Accept model' },
  { words: /'They answer\b|>They answer\b/, instead: 'Reply' },
  { words: /\bThey accept\b/, instead: 'Accept behavior' },
  { words: /\bClients are steered\b/, instead: 'Steering' },
  { words: /\bSeconds at most\b/, instead: 'Max duration (s)' },
  { words: /\bWith a socket a thread\b/i, instead: 'With one socket per thread' },
  { words: /\bLet the table choose\b/, instead: 'Reset column widths' },
  { words: /\bDraw to set\b/, instead: 'Drag to resize' },
  { words: /\bColou?rs of the system\b/, instead: 'Use system theme' },
  { words: /\bengine cannot be reached \(wrong token\)/, instead: 'This link has expired' },
  { words: /\bA word without a key\b/, instead: 'Plain words match any column' },
  { words: /\bthe same key twice means\b/, instead: 'repeating a key means OR' },
  { words: /\bmakes the interval longer\b/, instead: 'Slow refreshes lengthen the interval' },
]

/** In the terminal and in errors. */
const terminal: BannedWord[] = [
  { words: /\bsay which member\b/, instead: 'show which member' },
  { words: /\bto hand on\b/, instead: 'for sharing' },
  { words: /\ba story\b/i, instead: 'scenario' },
  { words: /\bfound to be wrong\b/, instead: 'a problem was found, or the command failed' },
  { words: /\bnone of that name\b/, instead: 'no accessible namespace has that name' },
  { words: /\bOpen to you\b/, instead: 'Accessible' },
  { words: /\bthis port is for root\b/, instead: 'privileged port' },
  { words: /\bdoes not speak that protocol\b/, instead: 'protocol not supported by this kernel' },
  { words: /\bno safe thing\b/, instead: 'unsafe' },
  { words: /\bV8 gave it up\b/, instead: 'V8 fatal error' },
  { words: /\bleft for too long\b/, instead: 'transfer timed out' },
  { words: /\bOnly text is spoken\b/, instead: 'text frames only' },
  { words: /\bquestions of this page wait\b/, instead: 'too many pending requests' },
]

/** Identifiers, fields, flags and file names. */
const names: BannedWord[] = (
  [
    [/picture/i, 'frame (inside), snapshot (document), chart, screenshot'],
    [/oracle/i, 'kernel lookup'],
    [/contender/i, 'candidate'],
    [/\brights\b|Rights[A-Z]|\brights[A-Z-]/, 'permissions'],
    [/\b(?:MOST|LEAST)_[A-Z]|\bkMost[A-Z]|\bkLeast[A-Z]/, 'MAX_, MIN_, kMax, kMin'],
    [/PATIENCE|kPatience|kGrace\b/, 'TIMEOUT, gracePeriod'],
    [/InWords\b/, 'format* or describe*'],
    [/\b[a-z]\w*Words\b(?!\.)/, 'format* or describe*'],
    [/fullness|\bfillOf|UNKNOWN_FILL/i, 'utilization'],
    [/\bInspection\b/, 'Collector'],
    [/\bObservation\b|ObservationOptions/, 'EngineCore'],
    [/\bDepartures?\b|hasLeft\b/, 'RemovalLog, wasRemoved'],
    [/\bnewerThan\b/, 'waitForNewerFrame'],
    [/\bletGo\b|\bLET_GO|lettingGo/, 'releaseUnused'],
    [/\bhasUnknownGroup\b/, 'hasUnclassifiedGroup'],
    [/\bkeepHeapSmallAndCalm\b/, 'tuneHeap'],
    [/\bUnanswerable\b|\bRefusal\b|\bUnreadable\b|\bFileProblem\b/, 'InvalidQuery, LabError, ReadError, FileError'],
    [/\bKeptId\b|\bKept[A-Z]|\bshowKept\b|\bkeptGroups?\b|\bkeptFindings\b/, 'StoredItem, StoredId, openStored'],
    [/RecordingDesk|recording-desk/, 'RecordingController'],
    [/\bMarkKind\b|\bTimelineMarks\b/, 'TimelineEvent'],
    [/\bMapQuestion\b|\bBalanceQuestion\b|\bPortQuestion\b|\bWhatIfQuestion\b/, 'MapRequest, BalanceRequest'],
    [/\bLaboratory\b/, 'LabService'],
    [/\bbackstage\b/i, 'hidden'],
    [/\bmeetOthers\b|\blabsThere\b/, 'discoverLabs'],
    [/\bcheckSense\b/, 'validateRequest'],
    [/\bwhoHas\b|\boccupants?\b/i, 'portConflicts'],
    [/\bserveUntilEnded\b|until-ended/, 'runServer'],
    [/\blimitPending\b|MOST_PENDING/, 'limitRequests'],
    [/\bcatch_breath\b|\bbe_slow\b/, 'back_off, throttle'],
    [/\bjudge_missing\b/, 'resolve_missing'],
    [/\blooksAt\b/, 'trigger'],
    [/\bSteadyVerdict\b|steady-verdict/, 'SeverityDebounce'],
    [/\baccusedOf\b|\bheardOf\b|\bspokesmanOf\b/, 'membersWithCritical, visibleFindings, topFinding'],
    [/\bturnHistory\b/, 'switchHistory'],
    [/\buseAskedAgain\b|use-asked-again/, 'usePolledQuery'],
    [/\bcompareHome\b|home-order/, 'compareDefault'],
    [/\bChooser\b|\bNumberBox\b|\bTextBox\b/, 'Select, NumberField, TextField'],
    [/\bofThoseThatLeft\b/, 'unavoidable'],
    [/\bUploadPiece\b|\bMOST_PIECE/, 'UploadChunk'],
    [/\baskedIntervalMs\b/, 'requestedIntervalMs'],
    [/\bmostBytes\b/, 'maxBytes'],
    [/\bsteeredTo\b/, 'steerTo'],
    [
      /colour|neighbour|behaviour|favour|honour|(?:summar|sanit|normal|organ|recogn|serial)is(?:e|ing)/i,
      'American spelling',
    ],
    [/--story\b/, '--text'],
  ] as const
).map(([words, instead]) => ({ words, instead }))

const classes: BannedWord[] = [
  { words: /\.(?:sea|veil|comb)\b/, instead: 'heat-grid, overlay, queue-bars', files: /\.css$/ },
]

export const banned: readonly BannedWord[] = [...phrases, ...screens, ...terminal, ...names, ...classes]
