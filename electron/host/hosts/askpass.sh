#!/bin/sh
# What ssh and sudo run to ask the user (SSH_ASKPASS, SUDO_ASKPASS), with the question as the argument. It passes the
# question on through a FIFO, and waits for the answer in a FIFO of its own. Where the program that answers has ended,
# reading fails, and so does this: nothing is left waiting. @FOLDER@ is filled in (askpass.ts).
umask 077
answer='@FOLDER@'/$$
mkfifo "$answer" || exit 1
trap 'rm -f "$answer"' EXIT
trap 'exit 1' HUP INT TERM PIPE
# One write of less than PIPE_BUF: questions of two processes do not mix (pipe(7)).
{ printf '%s\n%s\n%s\000' "$$" "${SSH_ASKPASS_PROMPT-}" "$(printf %s "$1" | head -c 3500)" > '@FOLDER@'/questions; } 2>/dev/null || exit 1
{ IFS= read -r line < "$answer"; } 2>/dev/null || exit 1
case $line in
  +*) printf '%s\n' "${line#+}" ;;
  *) exit 1 ;;
esac
