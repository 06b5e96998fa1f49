#!/usr/bin/env python3
"""A server of several processes: --mode epoll|exclusive|blocking (one listener, shared) or reuseport (one each).

Prints its port, then accepts and keeps every connection until its standard input ends. --close N: worker N closes
accepted connections at once. --cpus N: the first N workers set SO_INCOMING_CPU, each to another CPU.
It also runs the clients: a line with a number opens that many connections, one after another, and gets a reply when
workers have accepted all. The line "forgive" makes every worker close its connections, and keep all later ones.
"""

import argparse
import ctypes
import os
import select
import signal
import socket
import sys

EPOLLEXCLUSIVE = 1 << 28
SO_INCOMING_CPU = 49
arguments = argparse.ArgumentParser()
arguments.add_argument("--mode", required=True)
arguments.add_argument("--workers", type=int, default=4)
arguments.add_argument("--close", type=int, default=-1)
arguments.add_argument("--cpus", type=int, default=0)
arguments = arguments.parse_args()
libc = ctypes.CDLL(None)


def listen(port):
    listener = socket.socket()
    if arguments.mode == "reuseport":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(1024)
    return listener


def work(listener, number, told):
    kept = []
    closes = number == arguments.close
    poll = None

    def forgive(_signal, _frame):
        nonlocal closes
        closes = False
        while kept:
            kept.pop().close()
        os.write(told, b"f")

    signal.signal(signal.SIGUSR1, forgive)
    if number < arguments.cpus:
        listener.setsockopt(socket.SOL_SOCKET, SO_INCOMING_CPU, number)
    if arguments.mode != "blocking":
        listener.setblocking(False)
        poll = select.epoll()
        poll.register(listener, select.EPOLLIN | (EPOLLEXCLUSIVE if arguments.mode == "exclusive" else 0))
    os.write(told, b"r")
    while True:
        if poll:
            poll.poll()
        try:
            connection, _ = listener.accept()
        except BlockingIOError:
            continue
        if closes:
            connection.close()
        else:
            kept.append(connection)
        os.write(told, b"a")


def wait_until_asleep(pid):
    """Waits until the process sleeps (proc(5), stat): a running worker would accept what another is woken for."""
    while True:
        with open(f"/proc/{pid}/stat") as stat:
            if stat.read().rpartition(")")[2].split()[0] == "S":
                return
        os.sched_yield()


parent = os.getpid()
told_read, told_write = os.pipe()
shared = listen(0)
port = shared.getsockname()[1]
pids = []
for number in range(arguments.workers):
    pid = os.fork()
    if pid == 0:
        libc.prctl(1, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(0)
        # Its own listener: the previous one belongs to the first worker.
        own = shared if arguments.mode != "reuseport" or number == 0 else listen(port)
        if own is not shared:
            shared.close()
        work(own, number, told_write)
    pids.append(pid)
if arguments.mode == "reuseport":
    shared.close()
for _ in pids:
    os.read(told_read, 1)
print(port, *pids, flush=True)
clients = []
for line in sys.stdin:
    if line.strip() == "forgive":
        for pid in pids:
            os.kill(pid, signal.SIGUSR1)
            os.read(told_read, 1)
        while clients:
            clients.pop().close()
    else:
        for _ in range(int(line)):
            if arguments.mode == "blocking":
                for pid in pids:
                    wait_until_asleep(pid)
            client = socket.socket()
            client.connect(("127.0.0.1", port))
            clients.append(client)
            os.read(told_read, 1)
    print("done", flush=True)
for pid in pids:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
