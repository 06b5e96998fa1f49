# Sent to `sh` at the other end, on its standard input: starts the engine there. POSIX, and no more than busybox has.
# It is a function that is called in the last line, because a shell reads its input in blocks, and must have all of it
# before the engine gets the rest. @NAME@ is filled in by the near end (bootstrap.ts).
reuseport_inspector() {
  marker='@MARKER@'
  # say JSON: a line that the near end recognizes.
  say() { printf '\n%s %s\n' "$marker" "$1"; }
  # fail CODE TEXT: why there is no engine.
  fail() {
    text=$(printf %s "$2" | tr -d '\\\000-\010\013-\037' | tr '"\n\t' "'  " | cut -c1-600)
    say "{\"failed\":\"$1\",\"text\":\"$text\"}"
    exit 0
  }

  system=$(uname -s 2>/dev/null)
  [ "$system" = Linux ] || fail system "$system"

  # One that is installed there, if it has the same contract: otherwise it ends with status 2 (bad usage).
  if installed=$(command -v reuseport-inspector 2>/dev/null); then
    "$installed" engine --stdio --marker "$marker" --contract '@CONTRACT@'
    status=$?
    [ "$status" = 2 ] || exit "$status"
    fail contract "$("$installed" --version 2>/dev/null)"
  fi
  fail missing "$(uname -m 2>/dev/null)"
}
reuseport_inspector
