#!/usr/bin/env python3
"""Reads options of other processes' sockets, each named by its holder and inode: PID:INODE ...

Prints one JSON array with an object for each, in order; null for a socket that the process does not hold. Copies the
descriptor (pidfd_getfd(2)), so it needs permission to trace the process.
"""

import ctypes
import json
import os
import socket
import sys

SYS_PIDFD_GETFD = 438  # the same everywhere
SO_COOKIE, SO_INCOMING_CPU = 57, 49
libc = ctypes.CDLL(None, use_errno=True)


def copy(pid, inode):
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            link = os.readlink(f"/proc/{pid}/fd/{name}")
        except FileNotFoundError:
            continue
        if link == f"socket:[{inode}]":
            process = os.pidfd_open(pid)
            fd = libc.syscall(SYS_PIDFD_GETFD, process, int(name), 0)
            os.close(process)
            if fd < 0:
                raise OSError(ctypes.get_errno(), f"pidfd_getfd of {pid}")
            return socket.socket(fileno=fd)
    return None


def options(sock):
    number = lambda option: sock.getsockopt(socket.SOL_SOCKET, option)
    return {
        "cookie": str(int.from_bytes(sock.getsockopt(socket.SOL_SOCKET, SO_COOKIE, 8), sys.byteorder)),
        "type": "tcp" if sock.type == socket.SOCK_STREAM else "udp",
        "listening": number(socket.SO_ACCEPTCONN) == 1,
        "reuseport": number(socket.SO_REUSEPORT) == 1,
        "reuseaddr": number(socket.SO_REUSEADDR) == 1,
        "interface": sock.getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16).rstrip(b"\0").decode() or None,
        "incomingCpu": number(SO_INCOMING_CPU),
        "receiveBuffer": number(socket.SO_RCVBUF),
        "v6only": sock.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) == 1
        if sock.family == socket.AF_INET6
        else None,
        "address": sock.getsockname()[0],
        "port": sock.getsockname()[1],
    }


answers = []
for argument in sys.argv[1:]:
    pid, inode = argument.split(":")
    found = copy(int(pid), int(inode))
    answers.append(None if found is None else options(found))
print(json.dumps(answers))
