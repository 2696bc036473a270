// What one bucket does to the calls of many clients, as a plain map has it, and
// whether a history of calls can be explained by it.

#ifndef CAIRN_TESTS_SUPPORT_OBJECT_HISTORY_H_
#define CAIRN_TESTS_SUPPORT_OBJECT_HISTORY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "cairn/status.h"

namespace cairn::support {

// Names what a put wrote; each put writes something new.
using Value = int;
inline constexpr Value kNothing = -1;
inline constexpr Value kAnything = -2;  // of a condition: "*"

// Bytes of what `value` names: inline, in the log, a blob, several blobs.
inline std::size_t SizeOf(Value value) {
  constexpr std::array<std::size_t, 5> kSizes = {20, 600, 9000, 66'000,
                                                 150'000};
  return kSizes[static_cast<std::size_t>(value) % kSizes.size()];
}

inline constexpr std::size_t kKeyCount = 3;

enum class Kind {
  kPut,
  kGet,
  kHead,
  kDelete,
  kList,
  kCreateBucket,
  kDeleteBucket,
  kHeadBucket,
};

struct Request {
  Kind kind = Kind::kGet;
  std::size_t key = 0;
  Value value = kNothing;          // that is put
  Value if_match = kNothing;       // kNothing: no condition
  Value if_none_match = kNothing;  // kNothing: no condition
};

using Values = std::array<Value, kKeyCount>;
inline constexpr Values kAllNothing = {kNothing, kNothing, kNothing};

struct Answer {
  ErrorCode code = ErrorCode::kOk;
  Value value = kNothing;  // that was got
  bool replaced = false;
  Values listed = kAllNothing;
  std::uint64_t object_count = 0;
  std::uint64_t object_bytes = 0;

  friend bool operator==(const Answer&, const Answer&) = default;
};

// A call, between two moments.
struct Event {
  Request request;
  Answer answer;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

struct State {
  bool has_bucket = false;
  Values values = kAllNothing;

  friend auto operator<=>(const State&, const State&) = default;
};

// Answers `request` as the one client of `state` would see it.
Answer Serve(const Request& request, State& state);

// The states in which the bucket may be after `events`, each of which happened
// at some moment between its beginning and its end, when it was in one of
// `before`. None: the history cannot be explained. Of a call whose outcome is
// unknown either may be; one that was kUnavailable or kQuorumLost did nothing.
std::set<State> StatesAfter(const std::set<State>& before,
                            const std::vector<Event>& events);

}  // namespace cairn::support

#endif  // CAIRN_TESTS_SUPPORT_OBJECT_HISTORY_H_
