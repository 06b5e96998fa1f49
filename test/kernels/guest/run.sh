#!/bin/sh
# Runs the tests in this folder: first without the diag modules, then as root and as another user in parallel, each in
# its own network namespace. Prints the results, one JSON object per line; the last one is the overall status. Programs
# are called by path, because a guest's shell prefers busybox commands of the same name.
bin=../bin
status=0

as_user() {
  $bin/ip netns add "kernels-$1" &&
    $bin/ip -n "kernels-$1" link set lo up &&
    $bin/ip netns exec "kernels-$1" $bin/node --test-reporter=./reporter.mjs as-user.mjs "$1"
}

$bin/node --test-reporter=./reporter.mjs without-modules.mjs || status=1
as_user root &
as_root=$!
as_user nobody || status=1
wait "$as_root" || status=1
echo "{\"ended\":$status}"
