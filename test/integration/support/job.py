"""Runs a command as a shell would: a session with its own terminal, and the command as its foreground job.

Requests are lines of JSON on standard input, with one reply each on standard output:
  {"op": "read", "until": TEXT, "from": N}  waits for TEXT in the output after byte N; replies {"output", "size"}
  {"op": "type", "text": TEXT}              presses keys
  {"op": "signal", "name": NAME}            to the job's first process
  {"op": "resize", "columns": N, "rows": N}
  {"op": "hangup"}                          closes the terminal
  {"op": "wait"}                            until the job has stopped or ended: {"stopped"} or {"exit"} or {"signal"}
  {"op": "foreground"}                      continues a stopped job, as fg does
  {"op": "modes"}                           whether the terminal's modes are those from before the command: {"same"}
"""
import ctypes, fcntl, json, os, selectors, signal, struct, sys, termios, time

ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: nothing outlives the test

controller, terminal = os.openpty()


def resize(columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


resize(100, 24)
if os.getpid() != os.getsid(0):
    os.setsid()
fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
before = termios.tcgetattr(terminal)

job = os.fork()
if job == 0:
    os.setpgid(0, 0)
    os.tcsetpgrp(terminal, os.getpid())
    for name in (signal.SIGTTOU, signal.SIGHUP):
        signal.signal(name, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    for stream in range(3):
        os.dup2(terminal, stream)
    os.closerange(3, 64)
    os.execvp(sys.argv[1], sys.argv[1:])

output = b""
# The kernel passes what was written on to the terminal's other end a moment later (flush_to_ldisc() in
# drivers/tty/tty_buffer.c). poll(2) waits for that; epoll, which is only told, would miss the last words of a job.
selector = selectors.PollSelector()
selector.register(controller, selectors.EVENT_READ)


def drain(seconds):
    """Reads the available output; the job must never wait for us."""
    global output
    if not selector.get_map():
        time.sleep(seconds)
        return
    while selector.select(seconds):
        try:
            piece = os.read(controller, 65536)
        except OSError:
            return
        if not piece:
            return
        output += piece
        seconds = 0


def wait():
    while True:
        drain(0.02)
        pid, status = os.waitpid(job, os.WNOHANG | os.WUNTRACED)
        if pid == 0:
            continue
        if selector.get_map():
            os.tcsetpgrp(terminal, os.getpgrp())
            drain(0)
        if os.WIFSTOPPED(status):
            return {"stopped": signal.Signals(os.WSTOPSIG(status)).name}
        if os.WIFSIGNALED(status):
            return {"signal": signal.Signals(os.WTERMSIG(status)).name}
        return {"exit": os.WEXITSTATUS(status)}


def obey(order):
    op = order["op"]
    if op == "read":
        until = order["until"].encode()
        while until not in output[order["from"] :]:
            drain(0.02)
        return {"output": output[order["from"] :].decode(errors="replace"), "size": len(output)}
    if op == "type":
        os.write(controller, order["text"].encode())
    elif op == "signal":
        os.kill(job, signal.Signals[order["name"]])
    elif op == "resize":
        resize(order["columns"], order["rows"])
    elif op == "hangup":
        selector.unregister(controller)
        os.close(controller)
    elif op == "wait":
        return wait()
    elif op == "foreground":
        os.tcsetpgrp(terminal, job)
        os.killpg(job, signal.SIGCONT)
    elif op == "modes":
        return {"same": termios.tcgetattr(terminal) == before}
    else:
        raise ValueError(op)
    return {}


try:
    for line in sys.stdin:
        print(json.dumps(obey(json.loads(line))), flush=True)
finally:
    try:
        os.killpg(job, signal.SIGKILL)
        os.waitpid(job, 0)
    except (ProcessLookupError, ChildProcessError):
        pass
