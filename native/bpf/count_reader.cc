#include "bpf/count_reader.h"

#include <chrono>
#include <string>
#include <utility>

#include "bpf/count_records.h"
#include "bpf/iterator.h"
#include "bpf/obstacles.h"
#include "common/json.h"

namespace reuseport::bpf {
namespace {

constexpr Requirement kRequirements[] = {kTaskFileIterator, kSockFromFile, kSkDataReady};

}  // namespace

CountReader::CountReader() : program_(expect_loaded(::load_counts(), kRequirements)) {
  // Later than the first one that is counted, by microseconds.
  using std::chrono::milliseconds;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  since_ = std::chrono::duration_cast<milliseconds>(now).count();
}

void CountReader::answer(const SendLine& send) {
  std::unordered_map<std::uint64_t, std::uint64_t> counts;
  read_records<count_record>(::counts_iterator(program_.get()),
                             [&](const count_record& record) { counts[record.cookie] = record.given; });
  Answer answer(send, Json().open('{').field("since", since_), "given", "removed");
  compare(
      last_, counts,
      [&](std::uint64_t cookie, std::uint64_t given) {
        answer.changed().open('[').value(std::to_string(cookie)).value(given).close(']');
      },
      [&](std::uint64_t cookie) { answer.removed().value(std::to_string(cookie)); });
  answer.end();
  last_ = std::move(counts);
}

}  // namespace reuseport::bpf
