/*
 * Opens many listeners and holds them: GROUPS ports with MEMBERS sockets each, all with SO_REUSEPORT.
 *
 *   listeners [--udp] [--ipv6] [--groups N] [--members N] [--port FIRST] [--processes N] [--backlog N]
 *
 * Sockets are spread over as many processes as the descriptor limit requires. When all are open, prints one line:
 * "ready SOCKETS PROCESSES". Holds them until standard input closes or a signal ends this program; the children die
 * with it (PR_SET_PDEATHSIG, prctl(2)). A byte on standard input drains the UDP sockets; then it prints "drained".
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct plan {
  int type;
  int family;
  long groups;
  long members;
  long port;
  long processes;
  int backlog;
};

static void fail(const char *what) {
  fprintf(stderr, "listeners: %s: %s\n", what, strerror(errno));
  exit(1);
}

static int open_listener(const struct plan *plan, uint16_t port) {
  const int one = 1;
  const int fd = socket(plan->family, plan->type | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) < 0) fail("setsockopt SO_REUSEPORT");
  struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  const int bound = plan->family == AF_INET ? bind(fd, (struct sockaddr *)&v4, sizeof v4)
                                            : bind(fd, (struct sockaddr *)&v6, sizeof v6);
  if (bound < 0) fail("bind");
  if (plan->type == SOCK_STREAM && listen(fd, plan->backlog) < 0) fail("listen");
  return fd;
}

/* Opens the sockets first, first + processes, …; drains them at each SIGUSR1. Writes one byte after each of these. */
static void hold(const struct plan *plan, long first, int ready) {
  const long total = plan->groups * plan->members;
  int *fds = calloc((size_t)(total / plan->processes + 1), sizeof *fds);
  if (fds == NULL) fail("calloc");
  long count = 0;
  for (long i = first; i < total; i += plan->processes)
    fds[count++] = open_listener(plan, (uint16_t)(plan->port + i / plan->members));
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGUSR1);
  for (;;) {
    if (write(ready, "r", 1) != 1) fail("write");
    int signal;
    sigwait(&wanted, &signal);
    char byte;
    for (long i = 0; plan->type == SOCK_DGRAM && i < count; i++)
      while (recv(fds[i], &byte, 1, MSG_DONTWAIT) >= 0) continue;
  }
}

/* Waits until every child is done. */
static int all_told(const struct plan *plan, int ready) {
  for (long i = 0; i < plan->processes; i++) {
    char byte;
    if (read(ready, &byte, 1) != 1) return 0;
  }
  return 1;
}

static long number(const char *text) {
  char *end;
  errno = 0;
  const long value = strtol(text, &end, 10);
  if (errno != 0 || *end != '\0' || end == text || value < 1) {
    fprintf(stderr, "listeners: not a positive number: %s\n", text);
    exit(2);
  }
  return value;
}

int main(int argc, char **argv) {
  struct plan plan = {SOCK_STREAM, AF_INET, 1000, 100, 10000, 0, 128};
  for (int i = 1; i < argc; i++) {
    const char *value = i + 1 < argc ? argv[i + 1] : "";
    if (strcmp(argv[i], "--udp") == 0) plan.type = SOCK_DGRAM;
    else if (strcmp(argv[i], "--ipv6") == 0) plan.family = AF_INET6;
    else if (strcmp(argv[i], "--groups") == 0) plan.groups = number(value), i++;
    else if (strcmp(argv[i], "--members") == 0) plan.members = number(value), i++;
    else if (strcmp(argv[i], "--port") == 0) plan.port = number(value), i++;
    else if (strcmp(argv[i], "--processes") == 0) plan.processes = number(value), i++;
    else if (strcmp(argv[i], "--backlog") == 0) plan.backlog = (int)number(value), i++;
    else {
      fprintf(stderr, "listeners: unknown option %s\n", argv[i]);
      return 2;
    }
  }
  if (plan.port + plan.groups > 65536) {
    fprintf(stderr, "listeners: ports %ld to %ld do not exist\n", plan.port, plan.port + plan.groups - 1);
    return 2;
  }

  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) fail("getrlimit");
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) < 0) fail("setrlimit");
  const long each = (long)limit.rlim_cur - 64;
  const long total = plan.groups * plan.members;
  if (plan.processes == 0) plan.processes = (total + each - 1) / each;

  int ready[2];
  if (pipe(ready) < 0) fail("pipe");
  const pid_t parent = getpid();
  pid_t *children = calloc((size_t)plan.processes, sizeof *children);
  if (children == NULL) fail("calloc");
  /* Blocked before there is a child: a signal stays pending until it is waited for. */
  sigset_t drain;
  sigemptyset(&drain);
  sigaddset(&drain, SIGUSR1);
  sigprocmask(SIG_BLOCK, &drain, NULL);
  for (long i = 0; i < plan.processes; i++) {
    const pid_t child = fork();
    if (child < 0) fail("fork");
    children[i] = child;
    if (child > 0) continue;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1); /* the parent ended before the line above */
    close(ready[0]);
    hold(&plan, i, ready[1]);
  }
  close(ready[1]);
  if (!all_told(&plan, ready[0])) {
    fprintf(stderr, "listeners: a process could not make its sockets\n");
    return 1;
  }
  printf("ready %ld %ld\n", total, plan.processes);
  fflush(stdout);
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
    for (long i = 0; i < plan.processes; i++) kill(children[i], SIGUSR1);
    if (!all_told(&plan, ready[0])) return 1;
    printf("drained\n");
    fflush(stdout);
  }
  return 0; /* the children die with this process */
}
