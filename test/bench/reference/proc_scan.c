// The simplest scan for holders of sockets, for comparison with ours: every descriptor of every process, opendir(3) and
// readlink(2), nothing stored. Prints one line:
//   NANOSECONDS PROCESSES DESCRIPTORS SOCKETS
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(void) {
  const long long start = now();
  long processes = 0, descriptors = 0, sockets = 0;
  DIR *proc = opendir("/proc");
  if (!proc) {
    perror("proc_scan: opendir /proc");
    return 1;
  }
  for (struct dirent *process; (process = readdir(proc));) {
    if (!isdigit((unsigned char)process->d_name[0])) continue;
    ++processes;
    char path[600];
    snprintf(path, sizeof path, "/proc/%s/fd", process->d_name);
    DIR *table = opendir(path);
    if (!table) continue;
    for (struct dirent *entry; (entry = readdir(table));) {
      if (!isdigit((unsigned char)entry->d_name[0])) continue;
      ++descriptors;
      char link[64];
      snprintf(path, sizeof path, "/proc/%s/fd/%s", process->d_name, entry->d_name);
      const ssize_t length = readlink(path, link, sizeof link - 1);
      if (length < 0) continue;
      link[length] = '\0';
      unsigned long inode;
      if (sscanf(link, "socket:[%lu]", &inode) == 1) ++sockets;
    }
    closedir(table);
  }
  closedir(proc);
  printf("%lld %ld %ld %ld\n", now() - start, processes, descriptors, sockets);
  return 0;
}
