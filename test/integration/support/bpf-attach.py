#!/usr/bin/env python3
"""Attaches a BPF program that passes everything, and holds it until its standard input ends.

Arguments: sk-lookup NETNS, or xdp NETNS INTERFACE. Prints "attached"; exits with 77 if this kernel or user cannot.
"""

import ctypes
import os
import platform
import socket
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)
SYS_BPF = {"x86_64": 321, "aarch64": 280}[platform.machine()]
CLONE_NEWNET = 0x40000000
BPF_PROG_LOAD, BPF_LINK_CREATE = 5, 28
# Program type, attach type, and the return value that passes a packet (linux/bpf.h).
KINDS = {"sk-lookup": (30, 36, 1), "xdp": (6, 37, 2)}


def bpf(command, attributes):
    buffer = ctypes.create_string_buffer(attributes, 128)
    fd = libc.syscall(SYS_BPF, command, buffer, 128)
    if fd < 0:
        print(f"bpf({command}): {os.strerror(ctypes.get_errno())}", file=sys.stderr)
        sys.exit(77)
    return fd


def main():
    kind, netns = sys.argv[1:3]
    program_type, attach_type, passes = KINDS[kind]
    namespace = os.open(f"/run/netns/{netns}", os.O_RDONLY)
    if libc.setns(namespace, CLONE_NEWNET) != 0:
        sys.exit(77)
    # r0 = pass; exit
    code = ctypes.create_string_buffer(struct.pack("<BBhi", 0xB7, 0, 0, passes) + struct.pack("<BBhi", 0x95, 0, 0, 0))
    text = ctypes.create_string_buffer(b"GPL")
    load = struct.pack("=IIQQIIQII16sII", program_type, 2, ctypes.addressof(code), ctypes.addressof(text), 0, 0, 0, 0, 0,
                       b"test", 0, attach_type)
    program = bpf(BPF_PROG_LOAD, load)
    target = namespace if kind == "sk-lookup" else socket.if_nametoindex(sys.argv[3])
    link = bpf(BPF_LINK_CREATE, struct.pack("=IIII", program, target, attach_type, 0))
    print("attached", flush=True)
    sys.stdin.read()
    os.close(link)


main()
