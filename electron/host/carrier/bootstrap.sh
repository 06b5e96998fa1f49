# Sent to `sh` at the other end, on its standard input: starts the engine there. POSIX, and no more than busybox has.
# It is a function that is called in the last line, because a shell reads its input in blocks, and must have all of it
# before the program or the engine gets the rest. @NAME@ is filled in by the near end (bootstrap.ts).
reuseport_inspector() {
  marker='@MARKER@'
  id='@ID@'
  loader='@LOADER@'
  # say JSON: a line that the near end recognizes.
  say() { printf '\n%s %s\n' "$marker" "$1"; }
  # quoted TEXT: in JSON.
  quoted() { printf '"%s"' "$(printf %s "$1" | tr -d '\\\000-\010\013-\037' | tr '"\n\t' "'  " | cut -c1-600)"; }
  # fail CODE TEXT: why there is no engine.
  fail() {
    say "{\"failed\":\"$1\",\"text\":$(quoted "$2")}"
    exit 0
  }
  # private FOLDER: whether it is a folder that only this user can change.
  private() { [ -O "$1" ] && [ ! -L "$1" ] && case $(ls -ld "$1") in drwx------*) ;; *) false ;; esac; }
  # usable FOLDER: makes it, and tells whether a program can be written there and started.
  usable() {
    [ -d "$1" ] || mkdir -p "$1" 2>/dev/null || { tried="$tried $1 (cannot be made)"; return 1; }
    private "$1" || { tried="$tried $1 (not private)"; return 1; }
    { printf '#!/bin/sh\n' > "$1/.try$$" && chmod 700 "$1/.try$$"; } 2>/dev/null || {
      tried="$tried $1 (cannot be written)"; return 1
    }
    "$1/.try$$" 2>/dev/null
    started=$?
    rm -f "$1/.try$$"
    [ "$started" = 0 ] || { tried="$tried $1 (mounted noexec)"; return 1; }
  }
  # receive NAME FILE: what the near end has by this name. The file gets its name when it is complete.
  receive() {
    new=$2.$$.new
    trap 'rm -f "$new"' EXIT
    trap 'exit 1' HUP INT TERM PIPE
    say "{\"need\":\"$1\"}"
    IFS=' ' read -r size expected || exit 1
    head -c "$size" > "$new" 2>/dev/null || fail write "$2: $(df -Pk "$new" 2>/dev/null | tail -n 1)"
    [ "$(wc -c < "$new" | tr -d ' ')" = "$size" ] || fail damaged "$(wc -c < "$new") of $size bytes arrived"
    for sum in sha256sum 'busybox sha256sum' 'openssl dgst -sha256 -r'; do
      if actual=$($sum < "$new" 2>/dev/null); then
        [ "${actual%% *}" = "$expected" ] || fail damaged 'the bytes that arrived are not those that were sent'
        break
      fi
    done
    { chmod 700 "$new" && mv -f "$new" "$2"; } 2>/dev/null || fail write "$2"
    trap - EXIT HUP INT TERM PIPE
  }
  # runs PROGRAM: whether the C library here can load it. The loader lists what is missing (ld.so(8)); there is none of
  # glibc beside musl, and NixOS has one that only complains.
  runs() { listed=$("$loader" --list "$1" 2>&1) && case $listed in *'not found'*) false ;; esac; }
  start() {
    set -- "$1" "${1%/*}/libc-@LIBC@"
    if runs "$1"; then
      set -- "$1"
    else
      mkdir -p -m 700 "$2" 2>/dev/null || fail write "$2"
      for library in @LIBRARIES@; do
        [ -x "$2/$library" ] || receive "$library" "$2/$library"
      done
      set -- "$1" "$2/${loader##*/}" --inhibit-cache --library-path "$2"
    fi
    say "{\"step\":\"start\",\"program\":$(quoted "$1")}"
    program=$1
    shift
    exec "$@" "$program" engine --stdio @FLAGS@ --marker "$marker"
  }

  system=$(uname -s 2>/dev/null)
  [ "$system" = Linux ] || fail system "$system"
  machine=$(uname -m 2>/dev/null)
  user=$(id -u)
  say "{\"step\":\"system\",\"system\":$(quoted "$system $(uname -r 2>/dev/null), $machine")}"
  [ "$machine" = '@MACHINE@' ] || id=

  # As in private-folder.ts.
  set -- "${XDG_CACHE_HOME:-$HOME/.cache}/reuseport-inspector" "/run/user/$user/reuseport-inspector" \
    "/var/tmp/reuseport-inspector-$user" "/tmp/reuseport-inspector-$user" "/dev/shm/reuseport-inspector-$user"
  if [ -n "$id" ]; then
    for folder; do
      ! { private "$folder" && [ -x "$folder/engine-$id" ]; } 2>/dev/null || start "$folder/engine-$id"
    done
  fi

  # One that is installed there, if it has the same contract: otherwise it ends with status 2 (bad usage).
  if installed=$(command -v reuseport-inspector 2>/dev/null); then
    say '{"step":"start","program":null}'
    "$installed" engine --stdio @FLAGS@ --marker "$marker" --contract '@CONTRACT@'
    status=$?
    [ "$status" = 2 ] || exit "$status"
    [ -n "$id" ] || fail contract "$("$installed" --version 2>/dev/null)"
  fi
  [ -n "$id" ] || fail missing "$machine"

  mask=$(umask)
  umask 077
  tried=
  for folder; do
    usable "$folder" || continue
    receive program "$folder/engine-$id"
    # Those of other versions that were not used for a month.
    find "$folder" -name 'engine-*' ! -name "engine-$id" -atime +30 -exec rm -f {} + 2>/dev/null
    umask "$mask"
    start "$folder/engine-$id"
  done
  fail place "$tried"
}
reuseport_inspector
