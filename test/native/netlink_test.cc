#include "common/netlink.h"

#include <doctest/doctest.h>

#include <limits>
#include <random>

#include "support/fake_transport.h"
#include "support/messages.h"

using namespace reuseport;
using namespace reuseport::test;

namespace {

struct Dialogue {
  std::shared_ptr<FakeTransport::Script> script = std::make_shared<FakeTransport::Script>();
  NetlinkConnection connection{std::make_unique<FakeTransport>(script)};

  void deliver(Buffer datagram) { script->deliveries.push_back({std::move(datagram)}); }
  void fail(int error) { script->deliveries.push_back({{}, error}); }

  // Runs a dump and returns the sizes of the payloads, with their batches.
  std::vector<std::pair<std::size_t, std::uint32_t>> dump(DumpEnd* end = nullptr) {
    std::vector<std::pair<std::size_t, std::uint32_t>> seen;
    const DumpEnd ended =
        connection.dump(message(SOCK_DIAG_BY_FAMILY, Bytes{}), "dump",
                        [&](const Message& m, std::uint32_t batch) { seen.emplace_back(m.payload.size(), batch); });
    if (end != nullptr) *end = ended;
    return seen;
  }

  int dump_error() {
    try {
      dump();
    } catch (const SystemError& error) {
      CHECK(error.operation == "dump");
      return error.error;
    }
    return 0;
  }
};

Buffer joined(std::initializer_list<Buffer> parts) {
  Buffer all;
  for (const Buffer& part : parts) append(all, part);
  return all;
}

Buffer payload(std::size_t size) { return Buffer(size, std::byte{1}); }
Buffer done(std::int32_t error = 0, std::uint32_t sequence = 1) { return message(NLMSG_DONE, number(error), sequence); }

}  // namespace

TEST_CASE("messages are read one by one, without padding") {
  const Buffer bytes = joined({message(20, payload(5)), message(21, payload(0)), message(22, payload(8))});
  Messages messages(bytes);
  const auto first = messages.next(), second = messages.next(), third = messages.next();
  REQUIRE((first && second && third));
  CHECK(first->header.nlmsg_type == 20);
  CHECK(first->payload.size() == 5);
  CHECK(second->payload.empty());
  CHECK(third->payload.size() == 8);
  CHECK_FALSE(messages.next());
  CHECK_FALSE(messages.malformed());
}

TEST_CASE("a last message without padding is complete") {
  Buffer bytes = message(20, payload(5));
  bytes.resize(16 + 5);
  Messages messages(bytes);
  REQUIRE(messages.next());
  CHECK_FALSE(messages.next());
  CHECK_FALSE(messages.malformed());
}

TEST_CASE("a message that does not fit ends the iteration as malformed") {
  Buffer bytes = message(20, payload(8));
  SUBCASE("truncated") { bytes.resize(20); }
  SUBCASE("truncated header") { bytes.resize(15); }
  SUBCASE("shorter than its header") { bytes[0] = std::byte{15}; }
  SUBCASE("zero length") { bytes[0] = std::byte{0}; }
  SUBCASE("overflowing length") {
    for (int i = 0; i < 4; i++) bytes[static_cast<std::size_t>(i)] = std::byte{0xff};
  }
  Messages messages(bytes);
  CHECK_FALSE(messages.next());
  CHECK(messages.malformed());
  CHECK_FALSE(messages.next());
}

TEST_CASE("attributes are read one by one, without the flags in their type") {
  Buffer bytes;
  append_attribute(bytes, 7 | NLA_F_NESTED, "abcde", 5);
  append_attribute(bytes, 8 | NLA_F_NET_BYTEORDER, "", 0);
  Attributes attributes(bytes);
  const auto first = attributes.next(), second = attributes.next();
  REQUIRE((first && second));
  CHECK(first->type == 7);
  CHECK(first->payload.size() == 5);
  CHECK(second->type == 8);
  CHECK(second->payload.empty());
  CHECK_FALSE(attributes.next());
  CHECK_FALSE(attributes.malformed());
}

TEST_CASE("an attribute that does not fit ends the iteration as malformed") {
  Buffer bytes;
  append_attribute(bytes, 7, "abcd", 4);
  append_attribute(bytes, 8, "abcd", 4);
  SUBCASE("truncated") { bytes.resize(13); }
  SUBCASE("truncated header") { bytes.resize(10); }
  SUBCASE("shorter than its header") { bytes[8] = std::byte{3}; }
  SUBCASE("too long") { bytes[9] = std::byte{0xff}; }
  Attributes attributes(bytes);
  CHECK(attributes.next());
  CHECK_FALSE(attributes.next());
  CHECK(attributes.malformed());
}

TEST_CASE("nothing outside random bytes is read") {
  const unsigned seed = 20130527;
  MESSAGE("seed ", seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 5000; round++) {
    // A heap block of the exact size, so that the address sanitizer detects any overread.
    Buffer bytes(random() % 200);
    for (auto& byte : bytes) byte = static_cast<std::byte>(random() % 4 == 0 ? random() : random() % 24);
    Messages messages(bytes);
    while (const auto found = messages.next()) {
      Attributes attributes(found->payload);
      std::size_t total = 0;
      while (const auto attribute = attributes.next()) total += attribute->payload.size() + sizeof(nlattr);
      CHECK(total <= found->payload.size());
    }
  }
}

TEST_CASE("a dump passes on every message with its batch, up to the end") {
  Dialogue dialogue;
  dialogue.deliver(joined({message(20, payload(4)), message(20, payload(8))}));
  dialogue.deliver(message(20, payload(12)));
  dialogue.deliver(done());
  DumpEnd end;
  const auto seen = dialogue.dump(&end);
  CHECK(seen == std::vector<std::pair<std::size_t, std::uint32_t>>{{4, 0}, {8, 0}, {12, 1}});
  CHECK(end.batches == 2);
  CHECK(end.had_room);
  CHECK_FALSE(end.interrupted);
}

TEST_CASE("the last batch counts as not full only if that is certain") {
  Dialogue dialogue;
  const auto dump_of = [&](std::uint32_t sequence, std::initializer_list<std::size_t> sizes) {
    for (const std::size_t size : sizes) dialogue.deliver(message(20, payload(size), sequence));
    dialogue.deliver(done(0, sequence));
    DumpEnd end;
    dialogue.dump(&end);
    return end.had_room;
  };
  CHECK(dump_of(1, {}));
  CHECK(dump_of(2, {3000}));
  CHECK_FALSE(dump_of(3, {3600}));   // the kernel may consider 3,776 bytes full
  CHECK_FALSE(dump_of(4, {30000}));  // the longest so far
  CHECK_FALSE(dump_of(5, {30000, 29800}));
  CHECK(dump_of(6, {30000, 20000}));
  CHECK(dump_of(7, {20000}));
}

TEST_CASE("a batch longer than a page has the size of the buffer, 16 KiB from older kernels") {
  const auto had_room = [](std::size_t size) {
    Dialogue dialogue;
    dialogue.deliver(message(20, payload(size)));
    dialogue.deliver(done());
    DumpEnd end;
    dialogue.dump(&end);
    return end.had_room;
  };
  CHECK_FALSE(had_room(3700));
  CHECK(had_room(10000));
  CHECK_FALSE(had_room(15000));
}

TEST_CASE("messages of another request, port or process are skipped") {
  Dialogue dialogue;
  dialogue.deliver(joined({message(20, payload(4), 99), message(20, payload(4), 1, 8), message(20, payload(8))}));
  dialogue.script->deliveries.push_back({joined({message(20, payload(4)), done(-EPERM)}), 0, 4711});
  dialogue.deliver(joined({done(-EPERM, 99), message(NLMSG_NOOP, payload(0))}));
  dialogue.deliver(done());
  CHECK(dialogue.dump().size() == 1);
}

TEST_CASE("an inconsistency that the kernel reports is passed on") {
  Dialogue dialogue;
  dialogue.deliver(message(20, payload(4), 1, 7, NLM_F_MULTI | NLM_F_DUMP_INTR));
  dialogue.deliver(done());
  DumpEnd end;
  dialogue.dump(&end);
  CHECK(end.interrupted);
}

TEST_CASE("every kind of dump failure has its errno, and the next dump works") {
  Dialogue dialogue;
  int expected = 0;
  SUBCASE("the kernel refuses") {
    dialogue.deliver(message(NLMSG_ERROR, joined({number(-EPERM), Buffer(16)})));
    expected = EPERM;
  }
  SUBCASE("the end carries an error") {
    dialogue.deliver(message(20, payload(4)));
    dialogue.deliver(done(-EINVAL));
    expected = EINVAL;
  }
  SUBCASE("the reply was truncated") {
    dialogue.script->deliveries.push_back({message(20, payload(4)), 0, 0, true});
    expected = EMSGSIZE;
  }
  SUBCASE("the reply is longer than the buffer") {
    dialogue.deliver(message(20, payload(40000)));
    expected = EMSGSIZE;
  }
  SUBCASE("messages were lost") {
    dialogue.fail(ENOBUFS);
    expected = ENOBUFS;
  }
  SUBCASE("the kernel stops replying") {
    dialogue.deliver(message(20, payload(4)));
    dialogue.fail(EAGAIN);
    expected = ETIMEDOUT;
  }
  SUBCASE("the reply is not netlink") {
    dialogue.deliver(Buffer(12));
    expected = EBADMSG;
  }
  CHECK(dialogue.dump_error() == expected);

  // The rest of the failed dump must not be mistaken for the next one.
  dialogue.deliver(message(20, payload(64)));
  dialogue.deliver(done());
  dialogue.script->on_request = [&](const nlmsghdr& request, Bytes) {
    dialogue.deliver(message(20, payload(24), request.nlmsg_seq));
    dialogue.deliver(done(0, request.nlmsg_seq));
  };
  CHECK(dialogue.dump() == std::vector<std::pair<std::size_t, std::uint32_t>>{{24, 0}});
}

TEST_CASE("a request that cannot be sent fails with its errno") {
  Dialogue dialogue;
  dialogue.script->send_error = EPERM;
  CHECK(dialogue.dump_error() == EPERM);
}

TEST_CASE("replies of an exchange are matched to their requests; lost ones are missing") {
  Dialogue dialogue;
  std::vector<std::uint32_t> sequences;
  dialogue.script->on_request = [&](const nlmsghdr& request, Bytes) {
    CHECK(request.nlmsg_pid == FakeTransport::kPort);
    sequences.push_back(request.nlmsg_seq);
  };
  dialogue.script->before_receive = [&](FakeTransport::Script& script) {
    if (sequences.size() < 3) return;
    script.deliveries.push_back({message(20, payload(12), sequences[2])});
    script.deliveries.push_back({{}, ENOBUFS});
    script.deliveries.push_back({message(20, payload(99), sequences[0] - 1)});
    script.deliveries.push_back({message(20, payload(4), sequences[0])});
    sequences.clear();
  };
  Buffer requests = joined({message(20, payload(8)), message(20, payload(8)), message(20, payload(8))});
  std::vector<std::pair<std::size_t, std::uint32_t>> seen;
  dialogue.connection.exchange(
      requests, "ask", [&](const Message& m, std::uint32_t request) { seen.emplace_back(m.payload.size(), request); });
  CHECK(seen == std::vector<std::pair<std::size_t, std::uint32_t>>{{12, 2}, {4, 0}});
}

TEST_CASE("an errno out of range is a malformed reply") {
  // Kernel errors are -1 to -MAX_ERRNO (include/linux/err.h); the smallest int has no positive counterpart.
  for (const std::int32_t error : {std::numeric_limits<std::int32_t>::min(), -4096, 1}) {
    Dialogue dialogue;
    dialogue.deliver(done(error));
    CHECK(dialogue.dump_error() == (error > 0 ? 0 : EBADMSG));
  }
  Dialogue dialogue;
  dialogue.deliver(done(-4095));
  CHECK(dialogue.dump_error() == 4095);
}
