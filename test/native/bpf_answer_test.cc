#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "bpf/answer.h"

using namespace reuseport;
using namespace reuseport::bpf;

namespace {

struct Lines {
  std::vector<std::string> all;
  Answer answer() {
    return Answer([this](const std::string& line) { all.push_back(line); }, Json().open('{').field("since", 5), "given",
                  "removed");
  }
};

}  // namespace

TEST_CASE("an answer without entries is one line") {
  Lines lines;
  lines.answer().end();
  CHECK(lines.all == std::vector<std::string>{R"({"since":5,"given":[],"removed":[],"more":false})"});
}

TEST_CASE("an answer with few entries is one line") {
  Lines lines;
  auto answer = lines.answer();
  answer.changed().value(1);
  answer.changed().value(2);
  answer.removed().value(3);
  answer.removed().value(4);
  answer.end();
  CHECK(lines.all == std::vector<std::string>{R"({"since":5,"given":[1,2],"removed":[3,4],"more":false})"});
}

TEST_CASE("a line ends with the entry that makes it long enough, in either list") {
  const std::string entry(Answer::kLineBytes / 2, 'x');
  const std::string text = '"' + entry + '"';
  Lines lines;
  auto answer = lines.answer();
  for (int i = 0; i < 3; i++) answer.changed().value(entry);
  for (int i = 0; i < 2; i++) answer.removed().value(entry);
  answer.removed().value(1);
  answer.end();
  CHECK(lines.all == std::vector<std::string>{
                         R"({"since":5,"given":[)" + text + ',' + text + R"(],"removed":[],"more":true})",
                         R"({"since":5,"given":[)" + text + R"(],"removed":[)" + text + R"(],"more":true})",
                         R"({"since":5,"given":[],"removed":[)" + text + R"(,1],"more":false})",
                     });
}

TEST_CASE("compare() finds what was added, what has another value and what was removed") {
  using Map = std::map<int, std::string>;
  const Map before{{1, "same"}, {2, "old"}, {3, "removed"}};
  const Map now{{1, "same"}, {2, "new"}, {4, "added"}};
  Map changed;
  std::vector<int> removed;
  compare(
      before, now, [&](int key, const std::string& value) { changed[key] = value; },
      [&](int key) { removed.push_back(key); });
  CHECK(changed == Map{{2, "new"}, {4, "added"}});
  CHECK(removed == std::vector{3});
}
