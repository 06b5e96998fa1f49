/*
 * The simplest possible dump, for comparison: requests sockets from sock_diag, receives, counts messages by walking
 * their headers, and stores nothing.
 *
 *   dump [--udp] [--listeners] [--memory] [--rounds N] [--buffer BYTES]
 *
 * Prints one line per round: "SOCKETS NANOSECONDS". For TCP that is one pass over both families (TCPDIAG_GETSOCK:
 * LISTEN and, without --listeners, bound but not listening); for UDP one pass per family.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what) {
  fprintf(stderr, "dump: %s: %s\n", what, strerror(errno));
  exit(1);
}

static long receive_all(int fd, char *buffer, size_t size) {
  long messages = 0;
  for (;;) {
    struct iovec part = {buffer, size};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t length = recvmsg(fd, &header, 0);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) fail("recvmsg");
    if (header.msg_flags & MSG_TRUNC) {
      fprintf(stderr, "dump: truncated, the buffer is too small\n");
      exit(1);
    }
    for (const struct nlmsghdr *message = (const struct nlmsghdr *)buffer; NLMSG_OK(message, (size_t)length);
         message = NLMSG_NEXT(message, length)) {
      if (message->nlmsg_type == NLMSG_DONE) return messages;
      if (message->nlmsg_type == NLMSG_ERROR) {
        errno = -((const struct nlmsgerr *)NLMSG_DATA(message))->error;
        fail("sock_diag");
      }
      messages++;
    }
  }
}

static long dump_tcp(int fd, int listeners, int memory, char *buffer, size_t size) {
  struct {
    struct nlmsghdr header;
    struct inet_diag_req request;
  } message = {.header = {sizeof message, TCPDIAG_GETSOCK, NLM_F_REQUEST | NLM_F_DUMP, 1, 0}};
  message.request.idiag_family = AF_INET;
  message.request.idiag_states = 1 << 10 | (listeners ? 0 : 1 << 13);
  if (memory) message.request.idiag_ext = 1 << (INET_DIAG_SKMEMINFO - 1);
  if (send(fd, &message, sizeof message, 0) < 0) fail("send");
  return receive_all(fd, buffer, size);
}

static long dump_udp(int fd, int family, int memory, char *buffer, size_t size) {
  struct {
    struct nlmsghdr header;
    struct inet_diag_req_v2 request;
  } message = {.header = {sizeof message, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, 1, 0}};
  message.request.sdiag_family = (unsigned char)family;
  message.request.sdiag_protocol = IPPROTO_UDP;
  message.request.idiag_states = 1 << 7 | 1 << 1;
  if (memory) message.request.idiag_ext = 1 << (INET_DIAG_SKMEMINFO - 1);
  if (send(fd, &message, sizeof message, 0) < 0) fail("send");
  return receive_all(fd, buffer, size);
}

int main(int argc, char **argv) {
  int udp = 0, listeners = 0, memory = 0, rounds = 1;
  size_t size = 32768;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--udp") == 0) udp = 1;
    else if (strcmp(argv[i], "--listeners") == 0) listeners = 1;
    else if (strcmp(argv[i], "--memory") == 0) memory = 1;
    else if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc) rounds = atoi(argv[++i]);
    else if (strcmp(argv[i], "--buffer") == 0 && i + 1 < argc) size = (size_t)atol(argv[++i]);
    else {
      fprintf(stderr, "usage: dump [--udp] [--listeners] [--memory] [--rounds N] [--buffer BYTES]\n");
      return 2;
    }
  }
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (fd < 0) fail("socket");
  char *buffer = malloc(size);
  if (buffer == NULL) fail("malloc");
  for (int round = 0; round < rounds; round++) {
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    const long sockets = udp ? dump_udp(fd, AF_INET, memory, buffer, size) + dump_udp(fd, AF_INET6, memory, buffer, size)
                             : dump_tcp(fd, listeners, memory, buffer, size);
    clock_gettime(CLOCK_MONOTONIC, &after);
    printf("%ld %ld\n", sockets, (after.tv_sec - before.tv_sec) * 1000000000L + (after.tv_nsec - before.tv_nsec));
  }
  free(buffer);
  close(fd);
  return 0;
}
