"""A foreign process with the name of a lab.

    foreign-lab.py listen NAME        accepts, and answers every client with an endless line
    foreign-lab.py silent NAME...     listens, and never accepts
    foreign-lab.py hand-on NAME PROGRAM STATUS   PROGRAM inherits the socket, and this process answers with STATUS, in
                                       which SUPERVISOR is replaced by PROGRAM's pid
    foreign-lab.py ask NAME           requests a lab's status, and prints the reply

NAME is the abstract name without its leading NUL; `%` means a NUL in it. Prints one line when it is ready, and for each
connection the number of bytes received.
"""
import os
import socket
import sys

verb, name = sys.argv[1], sys.argv[2].replace("%", "\0")


def listening(name):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("\0" + name)
    listener.listen(16)
    return listener


def received(connection):
    count = 0
    try:
        while data := connection.recv(4096):
            count += len(data)
    except OSError:
        pass
    return count


if verb == "ask":
    client = socket.socket(socket.AF_UNIX)
    client.connect("\0" + name)
    try:
        client.sendall(b"status\n")
        print(client.recv(100).decode(), flush=True)
    except OSError:
        print("", flush=True)
    sys.exit()

listener = listening(name)
if verb == "silent":
    others = [listening(other.replace("%", "\0")) for other in sys.argv[3:]]
    print("up", flush=True)
    sys.stdin.read()
elif verb == "listen":
    print("up", flush=True)
    while True:
        connection, _ = listener.accept()
        connection.settimeout(5)
        try:
            for _ in range(1024):  # a limit, in case the product reads all of it: 64 MiB
                connection.sendall(b"A" * 65536)
        except OSError:
            pass
        print(received(connection), flush=True)
        connection.close()
elif verb == "hand-on":
    os.set_inheritable(listener.fileno(), True)
    child = os.spawnv(os.P_NOWAIT, sys.argv[3], [sys.argv[3], "60"])
    print("up", flush=True)
    while True:
        connection, _ = listener.accept()
        try:
            connection.sendall(sys.argv[4].replace("SUPERVISOR", str(child)).encode() + b"\n")
        except OSError:
            pass
        print(received(connection), flush=True)
        connection.close()
