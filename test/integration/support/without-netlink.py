#!/usr/bin/env python3
"""Runs a program without netlink: socket(AF_NETLINK, …) fails with EPERM (seccomp(2))."""

import ctypes
import os
import platform
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
AF_NETLINK, EPERM = 16, 1
SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO = 0x7FFF0000, 0x00050000
SYS_SOCKET = {"x86_64": 41, "aarch64": 198, "riscv64": 198}[platform.machine()]
LOAD_WORD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def instruction(code, value, if_true=0, if_false=0):
    return struct.pack("=HBBI", code, if_true, if_false, value)


# struct seccomp_data: the system call number at offset 0, its first argument at 16.
code = b"".join(
    [
        instruction(LOAD_WORD, 0),
        instruction(JUMP_IF_EQUAL, SYS_SOCKET, 0, 3),
        instruction(LOAD_WORD, 16),
        instruction(JUMP_IF_EQUAL, AF_NETLINK, 0, 1),
        instruction(RETURN, SECCOMP_RET_ERRNO | EPERM),
        instruction(RETURN, SECCOMP_RET_ALLOW),
    ]
)
libc = ctypes.CDLL(None, use_errno=True)
memory = ctypes.create_string_buffer(code)
program = Program(len(code) // 8, ctypes.addressof(memory))
if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program)) != 0:
    sys.exit(f"without-netlink: {os.strerror(ctypes.get_errno())}")
os.execvp(sys.argv[1], sys.argv[1:])
