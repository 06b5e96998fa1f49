#!/usr/bin/env python3
"""Opens the sockets that a test requests, and reports the kernel's identifiers for them.

Reads one JSON object per line on standard input and writes one reply for each on standard output, in the same order:
{"ok": true, ...} or {"ok": false, "error": "..."}. The first line of output says that it is ready. It dies with the
process that started it, and its children die with it. Arguments: --netns NAME, --uid UID, --closed (not even its own
user may trace it), --command NAME (its comm).

A request for a socket is
  {"protocol": "tcp"|"udp", "family": 4|6, "address": "127.0.0.1", "port": 0, "state": "listen"|"bound"|"connected",
   "options": ["reuseport", "reuseaddr"] (set in this order, before bind), "clear": ["reuseport"] (after listen or bind),
   "mptcp": true|false, "deferAccept": true|false, "freebind": true|false, "transparent": true|false,
   "v6only": true|false, "interface": "lo", "backlog": 128, "rcvbuf": 65536, "remote": ["127.0.0.1", 53],
   "user": 65534 (opened as this uid), "acceptAs": 65534 (with one connection, accepted as this uid)}
and the reply has its cookie (SO_COOKIE, as a string), inode, descriptor, pid, address, port and SO_RCVBUF.
"""

import argparse
import contextlib
import ctypes
import json
import mmap
import os
import platform
import select
import signal
import socket
import struct
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NAME = 1, 4, 15
SO_COOKIE, SO_INCOMING_CPU = 57, 49
SO_ATTACH_REUSEPORT_CBPF, SO_ATTACH_REUSEPORT_EBPF, SO_DETACH_REUSEPORT_BPF = 51, 52, 68
SYS_BPF = {"x86_64": 321, "aarch64": 280}[platform.machine()]
BPF_MAP_CREATE, BPF_MAP_UPDATE_ELEM, BPF_PROG_LOAD = 0, 2, 5
CLONE_NEWNET = 0x40000000
IPPROTO_MPTCP = 262
IP_FREEBIND = 15
IP_TRANSPARENT = 19
OPTIONS = {"reuseport": socket.SO_REUSEPORT, "reuseaddr": socket.SO_REUSEADDR}

sockets = {}  # descriptor → socket, held for the test
clients = []  # sockets that fill queues
reset = set()  # those of them that were reset
travellers = []  # clients whose destination is checked
epolls = []
queues = []  # with sockets in them that were sent away
home = open("/proc/self/ns/net")  # held for `leave`
children = {}  # pid → pipe that ends the child when closed


def die_with(parent):
    """Makes the kernel kill this process when `parent` ends, and ends now if it already has."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def rename(command):
    libc.prctl(PR_SET_NAME, command.encode("utf-8", "surrogateescape"), 0, 0, 0)


def become(uid, closed=False):
    """
    Drops to `uid`. That clears the death signal (prctl(2)), so it is set again; so is the permission of the new user's
    other processes to trace this one, unless this simulates a server that drops its privileges (`closed`).
    """
    parent = os.getppid()
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    die_with(parent)
    libc.prctl(PR_SET_DUMPABLE, 0 if closed else 1)


def enter(name):
    with open(f"/run/netns/{name}") as namespace:
        if libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))


def op_leave(request):
    """Returns to the namespace in which the program was started."""
    if libc.setns(home.fileno(), CLONE_NEWNET) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return {}


def make(spec):
    tcp = spec["protocol"] == "tcp"
    family = socket.AF_INET6 if spec.get("family", 4) == 6 else socket.AF_INET
    kind = socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM
    made = socket.socket(family, kind, IPPROTO_MPTCP if spec.get("mptcp") else 0)
    try:
        if "v6only" in spec:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(spec["v6only"]))
        for option in spec.get("options", []):
            made.setsockopt(socket.SOL_SOCKET, OPTIONS[option], 1)
        if spec.get("deferAccept"):
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 30)
        if spec.get("freebind"):
            made.setsockopt(socket.IPPROTO_IP, IP_FREEBIND, 1)
        if spec.get("transparent"):
            made.setsockopt(socket.IPPROTO_IP, IP_TRANSPARENT, 1)
        if "rcvbuf" in spec:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, spec["rcvbuf"])
        if "interface" in spec:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, spec["interface"].encode() + b"\0")
        if "cpu" in spec:
            made.setsockopt(socket.SOL_SOCKET, SO_INCOMING_CPU, spec["cpu"])
        made.bind((spec.get("address", "::" if family == socket.AF_INET6 else "0.0.0.0"), spec.get("port", 0)))
        if "join" in spec:
            membership = socket.inet_aton(spec["join"]) + socket.inet_aton("127.0.0.1")
            made.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        state = spec.get("state", "listen" if tcp else "bound")
        if state == "listen":
            made.listen(spec.get("backlog", 128))
        elif state == "connected":
            made.connect(tuple(spec["remote"]))
        for option in spec.get("clear", []):
            made.setsockopt(socket.SOL_SOCKET, OPTIONS[option], 0)
    except BaseException:
        made.close()
        raise
    return made


def describe(made):
    return {
        "cookie": str(struct.unpack("=Q", made.getsockopt(socket.SOL_SOCKET, SO_COOKIE, 8))[0]),
        "inode": os.fstat(made.fileno()).st_ino,
        "fd": made.fileno(),
        "pid": os.getpid(),
        "port": made.getsockname()[1],
        "address": made.getsockname()[0],
        "rcvbuf": made.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF),
    }


@contextlib.contextmanager
def acting_as(uid):
    """Sockets that are opened or accepted meanwhile belong to this uid."""
    if uid is None:
        yield
        return
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)


def make_as(spec):
    """The socket, and the two ends of its connection if it is to have one."""
    with acting_as(spec.get("user")):
        made = make(spec)
    if "acceptAs" not in spec:
        return made, []
    client = socket.create_connection(made.getsockname()[:2])
    with acting_as(spec["acceptAs"]):
        connection, _ = made.accept()
    return made, [client, connection]


def op_try_binds(request):
    """For each attempt opens the sockets anew, binds one more, and closes all. Replies with the errno of each, or 0."""
    errors = []
    for attempt in request["attempts"]:
        with contextlib.ExitStack() as open_ones:
            for spec in request["sockets"]:
                made, ends = make_as(spec)
                for one in (*ends, made):
                    if one.type == socket.SOCK_STREAM:
                        # Otherwise TIME_WAIT would change the next attempt.
                        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    open_ones.enter_context(one)
            try:
                open_ones.enter_context(make_as({**attempt, "state": "bound"})[0])
                errors.append(0)
            except OSError as error:
                errors.append(error.errno)
    return {"errors": errors}


def op_open(request):
    """Opens `count` sockets of each spec. With `samePort`, port 0 is picked once and used for the later specs too."""
    made = []
    port = None
    for spec in request["sockets"]:
        for _ in range(spec.get("count", 1)):
            if request.get("samePort") and port is not None:
                spec = {**spec, "port": port}
            one, ends = make_as(spec)
            sockets[one.fileno()] = one
            clients.extend(ends)
            made.append(describe(one))
            port = made[-1]["port"]
    return {"sockets": made}


def op_close(request):
    for fd in request["fds"]:
        sockets.pop(fd).close()
    return {}


def op_accept(request):
    """Accepts `count` connections and closes them; without `count`, all that wait."""
    listener = sockets[request["fd"]]
    if "count" in request:
        for _ in range(request["count"]):
            listener.accept()[0].close()
        return {}
    listener.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            listener.accept()[0].close()
    listener.setblocking(True)
    return {}


def op_receive(request):
    """Receives every queued datagram, or accepts and closes every queued connection."""
    one = sockets[request["fd"]]
    count = 0
    one.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            if one.type == socket.SOCK_STREAM:
                one.accept()[0].close()
            else:
                one.recv(1)
            count += 1
    one.setblocking(True)
    return {"received": count}


def op_fill(request):
    """TCP: opens `count` connections, which stay in accept queues. UDP: sends `count` datagrams of `bytes` bytes, from
    `flows` clients in turn."""
    family = socket.AF_INET6 if ":" in request["address"] else socket.AF_INET
    target = (request["address"], request["port"])
    if request["protocol"] == "udp":
        with contextlib.ExitStack() as ends:
            senders = [
                ends.enter_context(socket.socket(family, socket.SOCK_DGRAM)) for _ in range(request.get("flows", 1))
            ]
            for sender in senders:
                sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            for sent in range(request["count"]):
                senders[sent % len(senders)].sendto(bytes(request.get("bytes", 100)), target)
        return {}
    for _ in range(request["count"]):
        client = socket.socket(family, socket.SOCK_STREAM)
        client.setblocking(False)
        try:
            client.connect(target)
        except BlockingIOError:
            pass
        clients.append(client)
    # A full queue completes no further handshakes. Waits for those that can complete, and abandons the others after a
    # while, so that their retransmissions change no counter later.
    mine = {client.fileno(): client for client in clients[-request["count"] :]}
    poll = select.poll()
    for fd in mine:
        poll.register(fd, select.POLLOUT)
    deadline = time.monotonic() + request.get("patience", 2)
    while len(mine) > request.get("stuck", 0) and time.monotonic() < deadline:
        for fd, _ in poll.poll(50):
            poll.unregister(fd)
            del mine[fd]
    for client in mine.values():
        clients.remove(client)
        client.close()
    return {"connected": request["count"] - len(mine)}


def op_clients(request):
    """Binds `count` clients, to each of `sources` in turn, without connecting. Replies with their ports."""
    bound = []
    for index in range(request["count"]):
        source = request["sources"][index % len(request["sources"])]
        family = socket.AF_INET6 if ":" in source else socket.AF_INET
        kind = socket.SOCK_STREAM if request["protocol"] == "tcp" else socket.SOCK_DGRAM
        client = socket.socket(family, kind)
        client.bind((source, 0))
        bound.append(client)
    travellers[:] = bound
    return {"clients": [list(client.getsockname()[:2]) for client in bound]}


def op_deliver(request):
    """Each client in turn connects or sends one datagram. Replies with the cookies of the receiving sockets."""
    target = (request["address"], request["port"])
    cookies = {fd: describe(one)["cookie"] for fd, one in sockets.items()}
    received = []
    before = os.sched_getaffinity(0)
    if "cpu" in request:
        os.sched_setaffinity(0, {request["cpu"]})
    try:
        for client in travellers:
            name = client.getsockname()[:2]
            tcp = client.type == socket.SOCK_STREAM
            if tcp:
                client.settimeout(5)
                client.connect(target)
            else:
                client.sendto(b"?", target)
            ready, _, _ = select.select(list(sockets.values()), [], [], 1)
            for one in ready:
                if tcp:
                    connection, peer = one.accept()
                    # Otherwise a TIME_WAIT could answer in place of the listener.
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    connection.close()
                else:
                    _, peer = one.recvfrom(10)
                if (peer[0].removeprefix("::ffff:"), peer[1]) != name:
                    raise RuntimeError(f"{peer} came in {name}'s place")
                received.append(cookies[one.fileno()])
            if not ready:
                received.append(None)
    finally:
        os.sched_setaffinity(0, before)
        for client in travellers:
            client.close()
        travellers.clear()
    return {"received": received}


def op_send_together(request):
    """Sends each UDP socket one datagram from each of these CPUs, all at the same moment."""
    targets = [sockets[fd].getsockname() for fd in request["fds"]]
    places = range(len(request["cpus"]))
    progress = memoryview(mmap.mmap(-1, 4096)).cast("I")
    senders = []
    maker = os.getpid()
    for place, cpu in zip(places, request["cpus"]):
        sender = os.fork()
        if sender > 0:
            senders.append(sender)
            continue
        die_with(maker)
        os.sched_setaffinity(0, {cpu})
        client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for turn, target in enumerate(targets, 1):
            progress[place] = turn
            while any(progress[other] < turn for other in places):
                pass
            client.sendto(b"?", target)
        os._exit(0)
    for sender in senders:
        if os.waitpid(sender, 0)[1] != 0:
            raise RuntimeError("a sender failed")
    return {}


def op_attach(request):
    """Attaches a classic BPF program, [code, jt, jf, k] for each instruction, to a socket's group."""
    instructions = request["instructions"]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *one) for one in instructions))
    program = struct.pack("HL", len(instructions), ctypes.addressof(code))
    sockets[request["fd"]].setsockopt(socket.SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, program)
    return {}


def bpf(command, attributes):
    """bpf(2). Returns a descriptor, or 0."""
    result = libc.syscall(SYS_BPF, command, ctypes.create_string_buffer(attributes, 128), 128)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def op_attach_map(request):
    """
    Attaches an extended program that picks what stands under key 0 of a REUSEPORT_SOCKARRAY to the group of `fd`. By key,
    `places` has the descriptors in it; null for an empty place. The group alone holds the program afterwards.
    """
    places = request["places"]
    array = bpf(BPF_MAP_CREATE, struct.pack("=IIIIIII16s", 20, 4, request["valueBytes"], len(places), 0, 0, 0, b"places"))
    for key, fd in enumerate(places):
        if fd is not None:
            key_bytes = ctypes.create_string_buffer(struct.pack("=I", key))
            value = ctypes.create_string_buffer(struct.pack("=Q", fd))
            bpf(BPF_MAP_UPDATE_ELEM, struct.pack("=IIQQQ", array, 0, *map(ctypes.addressof, (key_bytes, value)), 0))
    code = ctypes.create_string_buffer(b"".join(struct.pack("<BBhi", *one) for one in (
        (0x62, 10, -4, 0),  # *(u32 *)(r10 - 4) = 0
        (0x18, 2 | 1 << 4, 0, array), (0, 0, 0, 0),  # r2 = the map
        (0xBF, 3 | 10 << 4, 0, 0), (0x07, 3, 0, -4),  # r3 = r10 - 4
        (0xB7, 4, 0, 0), (0x85, 0, 0, 82),  # r4 = 0; bpf_sk_select_reuseport()
        (0xB7, 0, 0, 1), (0x95, 0, 0, 0),  # return SK_PASS
    )))  # fmt: skip
    text = ctypes.create_string_buffer(b"GPL")
    # BPF_PROG_TYPE_SK_REUSEPORT, and BPF_SK_REUSEPORT_SELECT.
    program = bpf(BPF_PROG_LOAD, struct.pack("=IIQQIIQII16sII", 21, 9, *map(ctypes.addressof, (code, text)), 0, 0, 0, 0, 0,
                                             b"pick_place", 0, 39))  # fmt: skip
    sockets[request["fd"]].setsockopt(socket.SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, struct.pack("=i", program))
    os.close(program)
    os.close(array)
    return {}


def op_detach(request):
    """Detaches the BPF program from a socket's group."""
    sockets[request["fd"]].setsockopt(socket.SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, 0)
    return {}


def op_send_away(request):
    """Passes sockets to a queue that is never read: they stay open, and no process has a descriptor of them."""
    here, there = socket.socketpair(socket.AF_UNIX)
    for fd in request["fds"]:
        socket.send_fds(here, [b"?"], [fd])
        sockets.pop(fd).close()
    queues.append((here, there))
    return {}


def op_shut_down(request):
    """shutdown(2): a TCP listener stops listening."""
    for fd in request["fds"]:
        sockets[fd].shutdown(socket.SHUT_RDWR)
    return {}


def op_connect(request):
    """Connects a UDP socket."""
    sockets[request["fd"]].connect(tuple(request["remote"]))
    return {}


def op_broken(request):
    """How many of the clients connected by `fill` have been reset since. The kernel reports a reset once."""
    for client in clients:
        try:
            client.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK)
        except BlockingIOError:
            pass
        except OSError:
            reset.add(client)
    return {"broken": sum(client in reset for client in clients)}


def op_drain(request):
    for client in clients:
        client.close()
    clients.clear()
    return {}


def op_epoll(request):
    """Waits for these descriptors with epoll, as a server does (registering is enough; the result is not read)."""
    poll = select.epoll()
    for fd in request["fds"]:
        poll.register(fd, select.EPOLLIN)
    epolls.append(poll)
    return {"fd": poll.fileno()}


def op_fork(request):
    """Forks `count` children that inherit everything. `epoll` lists descriptors for each to poll, `keep` those to keep."""
    pids = []
    for _ in range(request.get("count", 1)):
        pids.append(fork_child(lambda: child_setup(request)))
    return {"pids": pids}


def child_setup(request):
    if "command" in request:
        rename(request["command"])
    if "keep" in request:
        for fd in [fd for fd in sockets if fd not in request["keep"]]:
            sockets.pop(fd).close()
    if "uid" in request:
        become(request["uid"])
    if "epoll" in request:
        op_epoll({"fds": request["epoll"]})


def fork_child(setup, run=None):
    """Starts a child, waits until `setup` is done in it, and keeps a pipe; closing it ends the child."""
    parent = os.getpid()
    stop_read, stop_write = os.pipe()
    ready_read, ready_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            die_with(parent)
            os.close(stop_write)
            os.close(ready_read)
            for other in children.values():
                os.close(other)
            epolls.clear()
            devnull = os.open(os.devnull, os.O_RDWR)
            os.dup2(devnull, 0)
            os.dup2(devnull, 1)
            os.close(devnull)
            setup()
            os.write(ready_write, b"1")
            os.close(ready_write)
            if run:
                run(stop_read)
            else:
                os.read(stop_read, 1)
        except BaseException as error:  # noqa: the closed pipe informs the parent, standard error the test
            print(f"socket maker's child: {error!r}", file=sys.stderr, flush=True)
        os._exit(0)
    os.close(stop_read)
    os.close(ready_write)
    ready = os.read(ready_read, 1)
    os.close(ready_read)
    children[pid] = stop_write
    if ready != b"1":
        raise RuntimeError("the child failed before it was ready")
    return pid


def op_kill(request):
    """Ends children and waits for them."""
    for pid in request["pids"]:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(children.pop(pid))
    return {}


def op_churn(request):
    """A child opens and closes `rate` sockets per second, as in `socket`, keeping `standing` of them open."""
    spec, rate, standing = request["socket"], request["rate"], request.get("standing", 50)
    counter = os.memfd_create("churn")
    os.ftruncate(counter, 8)

    def forget_mine():
        for mine in list(sockets.values()):
            mine.close()
        sockets.clear()

    def run(stop):
        open_sockets, done, started = [], 0, time.monotonic()
        stopped = select.poll()
        stopped.register(stop, select.POLLIN)
        while not stopped.poll(0):
            due = int((time.monotonic() - started) * rate)
            for _ in range(min(due - done, 200)):
                open_sockets.append(make(spec))
                if len(open_sockets) > standing:
                    open_sockets.pop(0).close()
                done += 1
            os.pwrite(counter, struct.pack("=Q", done), 0)
            time.sleep(0.001)

    pid = fork_child(forget_mine, run)
    churns[pid] = counter
    return {"pid": pid}


churns = {}


def op_churned(request):
    return {"opened": struct.unpack("=Q", os.pread(churns[request["pid"]], 8, 0))[0]}


def op_rename(request):
    rename(request["command"])
    return {}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--netns")
    parser.add_argument("--uid", type=int)
    parser.add_argument("--command")
    parser.add_argument("--closed", action="store_true")
    arguments = parser.parse_args()
    die_with(arguments.parent)
    if arguments.netns:
        enter(arguments.netns)
    if arguments.uid is not None:
        become(arguments.uid, arguments.closed)
    if arguments.command:
        rename(arguments.command)
    print(json.dumps({"ok": True, "pid": os.getpid()}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"ok": True, **globals()["op_" + request["op"]](request)}
        except Exception as error:
            name = f" ({request['op']} {json.dumps(request)[:300]})"
            answer = {"ok": False, "error": f"{error}{name}", "errno": getattr(error, "errno", None)}
        print(json.dumps(answer), flush=True)
    for pid in list(children):
        op_kill({"pids": [pid]})


main()
