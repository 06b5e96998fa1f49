/*
 * One large group whose members change: MEMBERS listeners with SO_REUSEPORT on one port. The first STABLE of them stay;
 * of the others, one is closed and replaced RATE times per second, chosen by a generator with a fixed seed.
 *
 *   churn [--udp] [--ipv6] [--members N] [--stable N] [--rate N] [--port P]
 *
 * When all are open, prints the cookies (SO_COOKIE) of the stable ones, one per line, then "ready". Runs until standard
 * input closes, then prints "churned N".
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

static int family = AF_INET, type = SOCK_STREAM, port = 20000;

static void fail(const char *what) {
  fprintf(stderr, "churn: %s: %s\n", what, strerror(errno));
  exit(1);
}

static int open_member(void) {
  const int one = 1;
  const int fd = socket(family, type | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) < 0) fail("setsockopt SO_REUSEPORT");
  struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  const int bound = family == AF_INET ? bind(fd, (struct sockaddr *)&v4, sizeof v4)
                                      : bind(fd, (struct sockaddr *)&v6, sizeof v6);
  if (bound < 0) fail("bind");
  if (type == SOCK_STREAM && listen(fd, 16) < 0) fail("listen");
  return fd;
}

static uint64_t next_random(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

int main(int argc, char **argv) {
  long members = 10000, stable = 9000, rate = 1000;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--udp") == 0) type = SOCK_DGRAM;
    else if (strcmp(argv[i], "--ipv6") == 0) family = AF_INET6;
    else if (strcmp(argv[i], "--members") == 0 && i + 1 < argc) members = atol(argv[++i]);
    else if (strcmp(argv[i], "--stable") == 0 && i + 1 < argc) stable = atol(argv[++i]);
    else if (strcmp(argv[i], "--rate") == 0 && i + 1 < argc) rate = atol(argv[++i]);
    else if (strcmp(argv[i], "--port") == 0 && i + 1 < argc) port = atoi(argv[++i]);
    else {
      fprintf(stderr, "usage: churn [--udp] [--ipv6] [--members N] [--stable N] [--rate N] [--port P]\n");
      return 2;
    }
  }
  if (stable >= members || stable < 0 || rate < 1) {
    fprintf(stderr, "churn: --stable must be less than --members, and --rate at least 1\n");
    return 2;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) fail("getrlimit");
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) < 0) fail("setrlimit");

  int *fds = calloc((size_t)members, sizeof *fds);
  char *keep = calloc((size_t)members, 1);
  if (fds == NULL || keep == NULL) fail("calloc");
  uint64_t random = 0x9e3779b97f4a7c15u;
  /* Stable and replaced members are mixed, so that every part of the list changes. */
  for (long chosen = 0; chosen < stable;) {
    const long i = (long)(next_random(&random) % (uint64_t)members);
    if (!keep[i]) keep[i] = 1, chosen++;
  }
  for (long i = 0; i < members; i++) fds[i] = open_member();
  for (long i = 0; i < members; i++) {
    uint64_t cookie;
    socklen_t size = sizeof cookie;
    if (!keep[i]) continue;
    if (getsockopt(fds[i], SOL_SOCKET, SO_COOKIE, &cookie, &size) < 0) fail("getsockopt SO_COOKIE");
    printf("%llu\n", (unsigned long long)cookie);
  }
  printf("ready\n");
  fflush(stdout);

  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  const struct timespec pause = {0, 1000000};
  struct timespec start, now;
  clock_gettime(CLOCK_MONOTONIC, &start);
  long churned = 0;
  for (;;) {
    const struct timespec none = {0, 0};
    if (ppoll(&input, 1, &none, NULL) > 0) break;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const double elapsed = (double)(now.tv_sec - start.tv_sec) + (double)(now.tv_nsec - start.tv_nsec) / 1e9;
    for (const long due = (long)(elapsed * (double)rate); churned < due; churned++) {
      long i;
      do i = (long)(next_random(&random) % (uint64_t)members);
      while (keep[i]);
      close(fds[i]);
      fds[i] = open_member();
    }
    nanosleep(&pause, NULL);
  }
  printf("churned %ld\n", churned);
  return 0;
}
