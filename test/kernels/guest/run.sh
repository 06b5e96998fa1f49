#!/bin/sh
# Runs the tests in this folder: first without the diag modules, then as root and as another user side by side, each in a
# network namespace of its own. Says how they went, one JSON object a line; the last one is the status of all. By their
# paths: a guest's shell takes commands of busybox for others of the same name.
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
