#include "reader.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "common/proc_net.h"

namespace reuseport {
namespace {

// A netlink socket of `protocol` in an open namespace.
UniqueFd open_netlink_in(const OpenNamespace& home, int protocol) {
  UniqueFd netlink = run_within(home.descriptor.get(),
                                [&] { return UniqueFd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)); });
  if (!netlink) throw SystemError("open a netlink socket (protocol " + std::to_string(protocol) + ")", errno);
  return netlink;
}

std::unique_ptr<InterfaceWatch> watch_interfaces_in(const OpenNamespace& home) {
  UniqueFd events = open_netlink_in(home, NETLINK_ROUTE);
  // The kernel raises this to its minimum, which fits one event; the default would keep up to 200 KB of unread events.
  const int smallest = 0;
  if (::setsockopt(events.get(), SOL_SOCKET, SO_RCVBUF, &smallest, sizeof smallest) < 0)
    throw SystemError("setsockopt SO_RCVBUF", errno);
  return std::make_unique<InterfaceWatch>(make_transport(open_netlink_in(home, NETLINK_ROUTE)),
                                          make_transport(std::move(events), kInterfaceEvents));
}

// Adds a query for every process that holds the socket: if one refuses, another may not. False if there is none.
bool query_holders(std::uint64_t cookie, std::uint32_t inode, const HolderIndex& holders,
                   std::vector<OptionQuery>& queries) {
  const auto held = holders.of(inode);
  std::uint32_t pid = kUnknown;
  for (const HolderRow& holder : held) {
    if (holder.pid == pid) continue;  // another descriptor of the same socket adds nothing
    pid = holder.pid;
    queries.push_back({pid, holder.fd, cookie, inode});
  }
  return !held.empty();
}

bool is_refused(const OptionAnswer& answer) {
  return answer.status == OptionStatus::refused || answer.status == OptionStatus::unavailable;
}

// One answer per socket: the first successful one, else a refusal, else the first failure.
std::unordered_map<std::uint64_t, OptionAnswer> read_each(std::vector<OptionQuery> queries) {
  std::sort(queries.begin(), queries.end(), [](const OptionQuery& a, const OptionQuery& b) { return a.pid < b.pid; });
  const std::vector<OptionAnswer> answers = read_options(queries);
  std::unordered_map<std::uint64_t, OptionAnswer> best;
  for (std::size_t i = 0; i < answers.size(); i++) {
    OptionAnswer& known = best.try_emplace(queries[i].cookie, answers[i]).first->second;
    if (known.status == OptionStatus::read) continue;
    if (answers[i].status == OptionStatus::read || is_refused(answers[i])) known = answers[i];
  }
  return best;
}

}  // namespace

Reader::Namespace::Namespace(OpenNamespace&& opened) {
  if (opened.netlink) connection.emplace(make_transport(std::move(opened.netlink)));
  for (const SocketTableKind kind : kSocketTables) tables->emplace_back(kind, opened.inode);
  held = std::make_shared<const OpenNamespace>(std::move(opened));
}

NetlinkConnection& Reader::Namespace::sock_diag() {
  if (!connection) connection.emplace(make_transport(open_netlink_in(*held, NETLINK_SOCK_DIAG)));
  return *connection;
}

std::uint32_t Reader::open_namespace(const std::optional<std::string>& path) {
  return add_namespace(reuseport::open_namespace(path));
}

std::uint32_t Reader::open_namespace(const SocketRef& socket) {
  return add_namespace(reuseport::open_namespace(open_namespace_of(socket)));
}

std::uint32_t Reader::add_namespace(OpenNamespace&& found) {
  auto opened = std::make_shared<Namespace>(std::move(found));
  const std::lock_guard lock(mutex_);
  const std::uint32_t inode = opened->held->inode;
  const bool known = std::any_of(namespaces_.begin(), namespaces_.end(),
                                 [&](const NamespacePtr& other) { return other->held->inode == inode; });
  if (!known) namespaces_.push_back(std::move(opened));
  return inode;
}

void Reader::close_namespace(std::uint32_t inode) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(namespaces_.begin(), namespaces_.end(),
                                  [&](const NamespacePtr& other) { return other->held->inode == inode; });
  if (found == namespaces_.end()) return;
  closed_.push_back((*found)->tables);
  namespaces_.erase(found);
}

std::vector<Reader::NamespacePtr> Reader::open_namespaces() {
  const std::lock_guard lock(mutex_);
  return namespaces_;
}

Reader::NamespacePtr Reader::find(std::uint32_t inode) {
  const std::lock_guard lock(mutex_);
  for (const NamespacePtr& candidate : namespaces_)
    if (candidate->held->inode == inode) return candidate;
  throw SystemError("find network namespace " + std::to_string(inode), ENOENT, "it is not open");
}

std::shared_ptr<const OpenNamespace> Reader::descriptor_of(std::uint32_t inode) { return find(inode)->held; }

RefreshResult Reader::refresh(bool memory, bool bound) {
  const std::lock_guard frame_lock(frame_mutex_);
  std::vector<NamespacePtr> namespaces;
  std::vector<std::shared_ptr<Tables>> closed;
  {
    const std::lock_guard lock(mutex_);
    namespaces = namespaces_;
    closed.swap(closed_);
  }
  RefreshResult result;
  frame_.begin(slots_);
  for (const std::shared_ptr<Tables>& tables : closed)
    for (SocketTable& table : *tables) table.forget(slots_);
  const auto now = SockDiagTables::Clock::now();
  for (const NamespacePtr& each : namespaces) read(*each, now, memory, bound, result);
  for (const SocketTableKind kind : kSocketTables)
    if (const auto& error = sock_diag_.missing(kind)) result.missing.push_back({kind, *error});
  apply_pending(namespaces);
  frame_.finish(slots_, holders());
  result.refresh = slots_.refresh;
  result.removed = frame_.removed();
  result.size = frame_.size();
  return result;
}

void Reader::read(Namespace& from, SockDiagTables::Clock::time_point now, bool memory, bool bound,
                  RefreshResult& result) {
  const TableSources sources{
      .sock_diag = [&]() -> NetlinkConnection& { return from.sock_diag(); },
      .proc_net =
          [&](SocketTableKind kind) {
            return [files = std::make_shared<ProcNet>(kind, from.held->descriptor.get()), inode = from.held->inode](
                       const ProcNet::OnSocket& on_socket) { return files->read(inode, on_socket); };
          },
  };
  for (SocketTable& table : *from.tables) {
    const TableReadResult outcome = read_table(slots_, table, sources, sock_diag_, now, memory, bound);
    result.tables++;
    result.passes += outcome.passes;
    result.unsettled |= outcome.unsettled;
    if (outcome.failure) result.failures.push_back({table.netns(), *outcome.failure});
  }
}

void Reader::apply_options(std::span<const std::uint64_t> cookies, const Options& options) {
  apply_later(cookies, [options](SocketSlots& slots, Slot slot) { record_options(slots, slot, options); });
}

void Reader::apply_kernel_group(std::span<const std::uint64_t> cookies, std::uint8_t number) {
  apply_later(cookies, [number](SocketSlots& slots, Slot slot) { record_kernel_group(slots, slot, number); });
}

void Reader::apply_later(std::span<const std::uint64_t> cookies, const Record& record) {
  const std::lock_guard lock(mutex_);
  for (const std::uint64_t cookie : cookies) pending_.push_back({cookie, record});
}

void Reader::apply_pending(const std::vector<NamespacePtr>& namespaces) {
  std::vector<Pending> pending;
  {
    const std::lock_guard lock(mutex_);
    pending.swap(pending_);
  }
  for (const Pending& each : pending) {
    for (const NamespacePtr& candidate : namespaces) {
      for (const SocketTable& table : *candidate->tables) {
        const Slot slot = table.find(each.cookie);
        if (slot != kNone) each.record(slots_, slot);
      }
    }
  }
}

void Reader::write(FrameMemory& memory) {
  const std::lock_guard lock(frame_mutex_);
  frame_.write(slots_, memory);
}

HolderIndexPtr Reader::holders() {
  const std::lock_guard lock(mutex_);
  return holders_;
}

// A socket without a holder causes one full scan only: most such sockets belong to unreadable processes.
bool Reader::needs_full_scan(bool full) {
  const std::lock_guard lock(frame_mutex_);
  const bool missed = std::any_of(slots_.rows.begin(), slots_.rows.end(), [&](const SocketRow& row) {
    return row.holders == kUnknown && row.inode != 0 && row.since > fully_scanned_at_ && row.since <= scanned_at_;
  });
  const bool first = fully_scanned_at_ == 0;
  scanned_at_ = slots_.refresh;
  // The sockets of the first refresh existed at the scan before it.
  if (full || missed || first) fully_scanned_at_ = std::max(slots_.refresh, 1u);
  return full || missed;
}

HolderScan Reader::scan_holders(bool full) {
  const std::lock_guard scanner_lock(scanner_mutex_);
  HolderScan scan = scanner_.scan(needs_full_scan(full));
  if (!scan.failure) {
    const std::lock_guard lock(mutex_);
    holders_ = scan.index;
  }
  return scan;
}

HeldNamespaceSearch Reader::search_held_namespaces(std::uint32_t limit) {
  const HolderIndexPtr index = holders();
  if (!index) return {};
  const std::lock_guard held_lock(held_mutex_);
  std::vector<SocketNamespace> known;
  if (held_namespaces_.is_due(index)) {
    const std::lock_guard lock(frame_mutex_);
    known.reserve(slots_.rows.size());
    for (const SocketRow& row : slots_.rows)
      if (row.inode != 0) known.push_back({row.inode, row.netns});
  }
  return held_namespaces_.search(index, std::move(known), limit);
}

std::vector<OptionQuery> Reader::next_in_turn(Slot& cursor, std::uint32_t limit, const HolderIndex& holders,
                                              const SlotFilter& filter, std::vector<Slot>* unheld) {
  std::vector<OptionQuery> queries;
  const auto count = static_cast<Slot>(slots_.rows.size());
  for (Slot looked = 0; looked < count && limit > 0; looked++) {
    if (cursor >= count) cursor = 0;
    const Slot slot = cursor++;
    const SocketRow& row = slots_.rows[slot];
    if (row.cookie == 0 || !filter(slot)) continue;
    if (query_holders(row.cookie, row.inode, holders, queries)) limit--;
    else if (unheld != nullptr) unheld->push_back(slot);
  }
  return queries;
}

OptionReadResult Reader::read_options(std::uint32_t limit, bool deciding_only, std::uint32_t reread) {
  const HolderIndexPtr index = holders();
  if (!index) return {};
  std::vector<OptionQuery> unread, known;
  std::unordered_set<std::uint64_t> pending;
  std::vector<std::uint64_t> in_vain;
  {
    const std::lock_guard lock(frame_mutex_);
    const auto was_read = [&](Slot slot) { return (slots_.rows[slot].options & kOptionsFromSocket) != 0; };
    std::vector<Slot> unheld;
    const auto filter = [&](Slot slot) {
      if (was_read(slot) || (deciding_only && !frame_.options_decide(slots_, slot))) return false;
      if (frame_.pending(slots_, slot)) pending.insert(slots_.rows[slot].cookie);
      return true;
    };
    unread = next_in_turn(option_cursor_, limit, *index, filter, &unheld);
    const std::uint32_t scanned = std::max(scanned_at_, fully_scanned_at_);
    for (const Slot slot : unheld)
      if (slots_.rows[slot].since <= scanned && frame_.pending(slots_, slot))
        in_vain.push_back(slots_.rows[slot].cookie);
    known = next_in_turn(reread_cursor_, reread, *index,
                         [&](Slot slot) { return was_read(slot) && frame_.shares(slots_, slot); });
  }
  OptionReadResult result;
  for (const auto& [cookie, answer] : read_each(std::move(known)))
    if (answer.status == OptionStatus::read) apply_options(std::span(&cookie, 1), answer.options);
  for (const auto& [cookie, answer] : read_each(std::move(unread))) {
    if (is_refused(answer)) result.refused++;
    if (answer.status == OptionStatus::read) {
      result.read++;
      apply_options(std::span(&cookie, 1), answer.options);
    } else if ((is_refused(answer) || answer.status == OptionStatus::failed) && pending.contains(cookie)) {
      in_vain.push_back(cookie);
    }
  }
  apply_options(in_vain, {.bits = kOptionsRefused});
  result.given_up = static_cast<std::uint32_t>(in_vain.size());
  return result;
}

std::vector<std::uint16_t> Reader::read_incoming_cpus(std::span<const std::uint64_t> cookies) {
  std::vector<std::uint16_t> cpus(cookies.size(), kCpuUnknown);
  const HolderIndexPtr index = holders();
  if (!index) return cpus;
  std::vector<OptionQuery> queries;
  {
    const std::lock_guard lock(frame_mutex_);
    for (const NamespacePtr& each : open_namespaces())
      for (const SocketTable& table : *each->tables)
        for (const std::uint64_t cookie : cookies)
          if (const Slot slot = table.find(cookie); slot != kNone)
            query_holders(cookie, slots_.rows[slot].inode, *index, queries);
  }
  const auto answers = read_each(std::move(queries));
  for (std::size_t i = 0; i < cookies.size(); i++) {
    const auto found = answers.find(cookies[i]);
    if (found != answers.end() && found->second.status == OptionStatus::read)
      cpus[i] = found->second.options.incoming_cpu;
  }
  return cpus;
}

PollerScan Reader::scan_pollers() {
  const HolderIndexPtr index = holders();
  if (!index) return {};
  std::vector<std::uint32_t> pids;
  {
    const std::lock_guard lock(frame_mutex_);
    pids = frame_.pids_of_receivers(slots_);
  }
  return reuseport::scan_pollers(pids, *index);
}

ProbeAnswers Reader::probe(std::uint32_t netns, const ProbeTarget& target, std::span<const Remote> remotes,
                           bool every_cpu) {
  const NamespacePtr in = find(netns);
  {
    const std::lock_guard lock(in->lookup_mutex);
    if (!in->lookup)
      in->lookup = std::make_unique<KernelLookup>(make_transport(open_netlink_in(*in->held, NETLINK_SOCK_DIAG)));
  }
  return every_cpu ? in->lookup->probe_from_every_cpu(target, remotes) : in->lookup->probe(target, remotes);
}

std::optional<Interfaces> Reader::read_interfaces(std::uint32_t netns) {
  const NamespacePtr in = find(netns);
  const std::lock_guard lock(in->interfaces_mutex);
  if (!in->interfaces) in->interfaces = watch_interfaces_in(*in->held);
  return in->interfaces->read_if_changed();
}

std::vector<std::byte> Reader::query(std::uint32_t netns, int netlink_family, std::vector<std::byte> request) {
  constexpr const char* kOperation = "query over netlink";
  const auto header = request.size() < sizeof(nlmsghdr) ? nlmsghdr{} : read_as<nlmsghdr>(request);
  if (header.nlmsg_len != request.size()) throw SystemError(kOperation, EINVAL, "the request is not one message");
  const NamespacePtr in = find(netns);
  const std::lock_guard lock(in->queries_mutex);
  auto known = in->queries.find(netlink_family);
  if (known == in->queries.end())
    known = in->queries.emplace(netlink_family, make_transport(open_netlink_in(*in->held, netlink_family))).first;
  NetlinkConnection& connection = known->second;
  std::vector<std::byte> answer;
  const auto keep_message = [&](const Message& message) {
    if (message.header.nlmsg_type == NLMSG_ERROR) {
      if (const int error = error_of(message); error != 0) throw SystemError(kOperation, error);
      return;
    }
    const auto bytes = std::as_bytes(std::span(&message.header, 1));
    answer.insert(answer.end(), bytes.begin(), bytes.end());
    answer.insert(answer.end(), message.payload.begin(), message.payload.end());
    answer.resize(netlink_align(answer.size()));
  };
  if ((header.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP)
    connection.dump(std::move(request), kOperation,
                    [&](const Message& message, std::uint32_t) { keep_message(message); });
  else connection.exchange(request, kOperation, [&](const Message& message, std::uint32_t) { keep_message(message); });
  return answer;
}

PortDump Reader::dump_port(std::uint32_t netns, const PortQuery& query) {
  const NamespacePtr in = find(netns);
  const HolderIndexPtr index = holders();
  static const HolderIndex none;
  const HolderIndex& held = index ? *index : none;
  try {
    NetlinkConnection connection(make_transport(open_netlink_in(*in->held, NETLINK_SOCK_DIAG)));
    return reuseport::dump_port(connection, query, held);
  } catch (const SystemError& error) {
    if (!means_no_sock_diag(error.error)) throw;
  }
  const SocketTableKind table = query.protocol == Protocol::tcp ? SocketTableKind::tcp
                                : query.family == Family::ipv4  ? SocketTableKind::udp_ipv4
                                                                : SocketTableKind::udp_ipv6;
  ProcNet files(table, in->held->descriptor.get());
  return reuseport::dump_port(files, query, held);
}

}  // namespace reuseport
