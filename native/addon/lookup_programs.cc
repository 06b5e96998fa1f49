#include "lookup_programs.h"

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "common/system_error.h"
#include "common/unique_fd.h"

namespace reuseport {
namespace {

// A machine has a few dozen; this only bounds the loop if links are created faster than they are listed.
constexpr int kMaxLinks = 65'536;

int bpf(int command, bpf_attr& attributes) {
  return static_cast<int>(::syscall(SYS_bpf, command, &attributes, sizeof attributes));
}

}  // namespace

std::vector<std::uint32_t> find_lookup_programs() {
  std::vector<std::uint32_t> namespaces;
  std::uint32_t id = 0;
  for (int links = 0; links < kMaxLinks; links++) {
    bpf_attr next{};
    next.start_id = id;
    if (bpf(BPF_LINK_GET_NEXT_ID, next) != 0) {
      if (errno == ENOENT) break;  // that was the last one
      throw SystemError("list BPF links", errno);
    }
    id = next.next_id;
    bpf_attr by_id{};
    by_id.link_id = id;
    const UniqueFd link(bpf(BPF_LINK_GET_FD_BY_ID, by_id));
    if (!link) {
      if (errno == ENOENT) continue;  // closed meanwhile
      throw SystemError("open a BPF link", errno);
    }
    bpf_link_info info{};
    bpf_attr about{};
    about.info.bpf_fd = static_cast<std::uint32_t>(link.get());
    about.info.info_len = sizeof info;
    about.info.info = reinterpret_cast<std::uint64_t>(&info);
    if (bpf(BPF_OBJ_GET_INFO_BY_FD, about) != 0) throw SystemError("read a BPF link", errno);
    // The inode is 0 if the namespace is gone and only the link is left.
    if (info.type == BPF_LINK_TYPE_NETNS && info.netns.attach_type == BPF_SK_LOOKUP && info.netns.netns_ino != 0)
      namespaces.push_back(info.netns.netns_ino);
  }
  std::ranges::sort(namespaces);
  namespaces.erase(std::unique(namespaces.begin(), namespaces.end()), namespaces.end());
  return namespaces;
}

}  // namespace reuseport
