// A kernel without tcp_diag or udp_diag, for one program: preloaded (LD_PRELOAD), this answers sock_diag requests as
// such a kernel does. The missing protocols are in the file named by REFUSE_SOCK_DIAG ("tcp udp"), which is read each
// time, so that a test can load and unload the modules. "bound" there makes it a kernel before Linux 6.8, which ignores
// the bit for sockets that are bound but not listening.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { kTcpDiagGetSock = 18, kSockDiagByFamily = 20, kBoundInactive = 13 };

static int is_refused(const char* protocol) {
  char text[64] = "";
  const char* path = getenv("REFUSE_SOCK_DIAG");
  const int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  if (read(file, text, sizeof text - 1) < 0) text[0] = '\0';
  close(file);
  return strstr(text, protocol) != NULL;
}

// 0, or the errno of such a kernel.
static int refusal(int socket, const void* data, size_t size) {
  int domain = 0, protocol = 0;
  socklen_t length = sizeof domain;
  struct nlmsghdr header;
  if (getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &length) != 0 || domain != AF_NETLINK) return 0;
  if (getsockopt(socket, SOL_SOCKET, SO_PROTOCOL, &protocol, &length) != 0 || protocol != NETLINK_SOCK_DIAG) return 0;
  if (size < sizeof header + 2) return 0;
  memcpy(&header, data, sizeof header);
  if (header.nlmsg_type == kTcpDiagGetSock) return is_refused("tcp") ? EOPNOTSUPP : 0;
  if (header.nlmsg_type != kSockDiagByFamily) return 0;
  // struct inet_diag_req_v2: family, protocol
  const unsigned char asked = ((const unsigned char*)data)[sizeof header + 1];
  return is_refused(asked == IPPROTO_TCP ? "tcp" : "udp") ? ENOENT : 0;
}

// The request as such a kernel interprets it; in `room` if it differs.
static const void* understood(const void* data, size_t size, void* room, size_t room_size) {
  struct nlmsghdr header;
  if (size < sizeof header || size > room_size || !is_refused("bound")) return data;
  memcpy(&header, data, sizeof header);
  if (header.nlmsg_type != kTcpDiagGetSock || size < sizeof header + sizeof(struct inet_diag_req)) return data;
  memcpy(room, data, size);
  struct inet_diag_req request;
  memcpy(&request, (char*)room + sizeof header, sizeof request);
  request.idiag_states &= ~(1u << kBoundInactive);
  memcpy((char*)room + sizeof header, &request, sizeof request);
  return room;
}

ssize_t send(int socket, const void* data, size_t size, int flags) {
  static ssize_t (*real)(int, const void*, size_t, int);
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "send");
  const int error = refusal(socket, data, size);
  char room[256];
  if (error == 0) return real(socket, understood(data, size, room, sizeof room), size, flags);
  errno = error;
  return -1;
}
