// A plain client and server, for comparison with the lab: server processes with one SO_REUSEPORT socket each on one
// port, client processes, and only the necessary system calls.
//   traffic tcp|udp|udp-echo --count N --servers N --clients N
// tcp: connect, send 16 bytes, receive them back, close; clients use many addresses of 127.1.0.0/16, because the ports
// of one are soon used up. udp: one way, in bursts of sendmmsg(2) and recvmmsg(2), over 16 sockets per client. udp-echo:
// one datagram at a time and back, over as many.
// Prints one line: NANOSECONDS SENT RECEIVED
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BURST = 64, SOCKETS = 16, SOURCES = 256, SIZE = 16 };

static long *received;  // of all servers, shared

static void fail(const char *what) {
  fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
  exit(1);
}

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int open_server(int type, struct sockaddr_in *address) {
  const int one = 1;
  const int fd = socket(AF_INET, type, 0);
  if (fd < 0) fail("socket");
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) < 0) fail("setsockopt SO_REUSEPORT");
  if (bind(fd, (struct sockaddr *)address, sizeof *address) < 0) fail("bind");
  if (type == SOCK_STREAM && listen(fd, 128) < 0) fail("listen");
  socklen_t length = sizeof *address;
  if (getsockname(fd, (struct sockaddr *)address, &length) < 0) fail("getsockname");
  return fd;
}

static void serve_tcp(int listener, long *count) {
  for (;;) {
    const int fd = accept(listener, NULL, NULL);
    if (fd < 0) continue;
    ++*count;
    char bytes[SIZE];
    for (ssize_t size; (size = recv(fd, bytes, sizeof bytes, 0)) > 0;)
      if (send(fd, bytes, (size_t)size, MSG_NOSIGNAL) != size) break;
    close(fd);
  }
}

static void serve_udp(int fd, long *count) {
  static char bytes[BURST][SIZE];
  static struct iovec parts[BURST];
  static struct mmsghdr headers[BURST];
  for (int i = 0; i < BURST; i++) {
    parts[i] = (struct iovec){bytes[i], SIZE};
    headers[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
  }
  for (;;) {
    const int size = recvmmsg(fd, headers, BURST, MSG_WAITFORONE, NULL);
    if (size > 0) *count += size;
  }
}

static void send_tcp(const struct sockaddr_in *server, long count, int client) {
  const int one = 1;
  for (long i = 0; i < count; i++) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0) fail("socket");
    struct sockaddr_in source = {.sin_family = AF_INET};
    source.sin_addr.s_addr = htonl(0x7f010000u + (uint32_t)((i * 2 + client) % SOURCES));
    if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one) < 0) fail("IP_BIND_ADDRESS_NO_PORT");
    if (bind(fd, (struct sockaddr *)&source, sizeof source) < 0) fail("bind");
    if (connect(fd, (const struct sockaddr *)server, sizeof *server) < 0) fail("connect");
    char bytes[SIZE] = "0123456789abcde";
    if (send(fd, bytes, SIZE, 0) != SIZE || recv(fd, bytes, SIZE, MSG_WAITALL) != SIZE) fail("exchange");
    close(fd);
  }
}

static void send_udp(const struct sockaddr_in *server, long count) {
  static char bytes[SIZE];
  static struct iovec part = {bytes, SIZE};
  static struct mmsghdr headers[BURST];
  for (int i = 0; i < BURST; i++) headers[i].msg_hdr = (struct msghdr){.msg_iov = &part, .msg_iovlen = 1};
  int fds[SOCKETS];
  for (int i = 0; i < SOCKETS; i++) {
    fds[i] = socket(AF_INET, SOCK_DGRAM, 0);
    if (fds[i] < 0 || connect(fds[i], (const struct sockaddr *)server, sizeof *server) < 0) fail("connect");
  }
  for (long sent = 0, turn = 0; sent < count; turn++) {
    const unsigned burst = (unsigned)(count - sent < BURST ? count - sent : BURST);
    const int done = sendmmsg(fds[turn % SOCKETS], headers, burst, 0);
    if (done < 0) fail("sendmmsg");
    sent += done;
  }
}

static void serve_echo(int fd, long *count) {
  for (;;) {
    char bytes[SIZE];
    struct sockaddr_in client;
    socklen_t length = sizeof client;
    const ssize_t size = recvfrom(fd, bytes, sizeof bytes, 0, (struct sockaddr *)&client, &length);
    if (size < 0) continue;
    ++*count;
    sendto(fd, bytes, (size_t)size, 0, (const struct sockaddr *)&client, length);
  }
}

static void send_echo(const struct sockaddr_in *server, long count) {
  int fds[SOCKETS];
  for (int i = 0; i < SOCKETS; i++) {
    fds[i] = socket(AF_INET, SOCK_DGRAM, 0);
    if (fds[i] < 0 || connect(fds[i], (const struct sockaddr *)server, sizeof *server) < 0) fail("connect");
  }
  char bytes[SIZE] = "echo";
  for (long sent = 0; sent < count; sent++) {
    const int fd = fds[sent % SOCKETS];
    if (send(fd, bytes, sizeof bytes, 0) < 0) fail("send");
    if (recv(fd, bytes, sizeof bytes, 0) < 0) fail("recv");
  }
}

int main(int argc, char **argv) {
  long count = 100000, servers = 2, clients = 2;
  if (argc < 2 || (strcmp(argv[1], "tcp") != 0 && strcmp(argv[1], "udp") != 0 && strcmp(argv[1], "udp-echo") != 0)) {
    fputs("usage: traffic tcp|udp|udp-echo --count N --servers N --clients N\n", stderr);
    return 2;
  }
  const int tcp = strcmp(argv[1], "tcp") == 0;
  const int echo = strcmp(argv[1], "udp-echo") == 0;
  for (int i = 2; i + 1 < argc; i += 2) {
    if (strcmp(argv[i], "--count") == 0) count = atol(argv[i + 1]);
    if (strcmp(argv[i], "--servers") == 0) servers = atol(argv[i + 1]);
    if (strcmp(argv[i], "--clients") == 0) clients = atol(argv[i + 1]);
  }
  if (count < 1 || servers < 1 || servers > 64 || clients < 1) return 2;

  // Each server counts in its own cache line.
  received = mmap(NULL, (size_t)servers * 64, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (received == MAP_FAILED) fail("mmap");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  for (long i = 0; i < servers; i++) {
    const int fd = open_server(tcp ? SOCK_STREAM : SOCK_DGRAM, &address);
    const pid_t child = fork();
    if (child < 0) fail("fork");
    if (child == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      (tcp ? serve_tcp : echo ? serve_echo : serve_udp)(fd, received + i * 8);
    }
    close(fd);
  }
  const long long start = now();
  for (long i = 0; i < clients; i++) {
    const pid_t child = fork();
    if (child < 0) fail("fork");
    if (child > 0) continue;
    const long share = count / clients + (i < count % clients);
    if (tcp) send_tcp(&address, share, (int)i);
    else if (echo) send_echo(&address, share);
    else send_udp(&address, share);
    _exit(0);
  }
  for (long i = 0; i < clients; i++) {
    int status;
    if (wait(&status) < 0 || status != 0) return 1;
  }
  const long long end = now();
  long all = 0;
  for (long i = 0; i < servers; i++) all += received[i * 8];
  printf("%lld %ld %ld\n", end - start, count, all);
  return 0;
}
