#include "support/object_history.h"

#include <algorithm>
#include <utility>

namespace cairn::support {
namespace {

bool Matches(Value condition, Value current) {
  return current != kNothing &&
         (condition == kAnything || condition == current);
}

ErrorCode JudgeWrite(const Request& request, Value current) {
  if (request.if_match != kNothing && current == kNothing) {
    return ErrorCode::kNoSuchKey;
  }
  if (request.if_match != kNothing && !Matches(request.if_match, current)) {
    return ErrorCode::kPreconditionFailed;
  }
  return Matches(request.if_none_match, current)
             ? ErrorCode::kPreconditionFailed
             : ErrorCode::kOk;
}

ErrorCode JudgeRead(const Request& request, Value current) {
  if (current == kNothing) return ErrorCode::kNoSuchKey;
  if (request.if_match != kNothing && !Matches(request.if_match, current)) {
    return ErrorCode::kPreconditionFailed;
  }
  return Matches(request.if_none_match, current) ? ErrorCode::kNotModified
                                                 : ErrorCode::kOk;
}

Answer ServeWrite(const Request& request, Value& current) {
  Answer answer{.code = JudgeWrite(request, current)};
  if (answer.code != ErrorCode::kOk) return answer;
  answer.replaced = request.kind == Kind::kPut && current != kNothing;
  current = request.kind == Kind::kPut ? request.value : kNothing;
  return answer;
}

Answer ServeRead(const Request& request, Value current) {
  Answer answer{.code = JudgeRead(request, current)};
  if (answer.code == ErrorCode::kOk) answer.value = current;
  return answer;
}

Answer ServeUsage(const State& state) {
  Answer answer;
  for (const Value value : state.values) {
    if (value == kNothing) continue;
    ++answer.object_count;
    answer.object_bytes += SizeOf(value);
  }
  return answer;
}

Answer ServeCreateBucket(State& state) {
  if (std::exchange(state.has_bucket, true)) {
    return {.code = ErrorCode::kBucketAlreadyExists};
  }
  return {};
}

Answer ServeDeleteBucket(State& state) {
  if (state.values != kAllNothing) return {.code = ErrorCode::kBucketNotEmpty};
  state.has_bucket = false;
  return {};
}

// Goes through the orders in which the events of a history may have happened.
class Search {
 public:
  explicit Search(const std::vector<Event>& events) : events_(events) {}

  void From(const State& state) { Visit(0, state); }
  std::set<State> TakeEnds() { return std::move(ends_); }

 private:
  using Done = std::uint64_t;  // a bit for each event

  bool IsDone(Done done, std::size_t i) const { return (done >> i & 1) != 0; }

  // Whether no event that is still to come had ended before this one began.
  bool MayBeNext(Done done, std::size_t i) const {
    if (IsDone(done, i)) return false;
    for (std::size_t j = 0; j < events_.size(); ++j) {
      if (!IsDone(done, j) && events_[j].end < events_[i].begin) return false;
    }
    return true;
  }

  void Visit(Done done, const State& state) {
    if (!visited_.emplace(done, state).second) return;
    if (done + 1 == Done{1} << events_.size()) {
      ends_.insert(state);
      return;
    }
    for (std::size_t i = 0; i < events_.size(); ++i) {
      if (MayBeNext(done, i)) Take(done, i, state);
    }
  }

  void Take(Done done, std::size_t i, const State& state) {
    const Done next = done | Done{1} << i;
    State after = state;
    const Answer served = Serve(events_[i].request, after);
    switch (events_[i].answer.code) {
      case ErrorCode::kUnavailable:
      case ErrorCode::kQuorumLost:
        Visit(next, state);
        return;
      case ErrorCode::kOutcomeUnknown:
        Visit(next, state);
        if (served.code == ErrorCode::kOk) Visit(next, after);
        return;
      default:
        if (served == events_[i].answer) Visit(next, after);
    }
  }

  const std::vector<Event>& events_;
  std::set<std::pair<Done, State>> visited_;
  std::set<State> ends_;
};

}  // namespace

Answer Serve(const Request& request, State& state) {
  if (request.kind == Kind::kCreateBucket) return ServeCreateBucket(state);
  if (!state.has_bucket) return {.code = ErrorCode::kNoSuchBucket};
  Value& current = state.values[request.key];
  switch (request.kind) {
    case Kind::kPut:
    case Kind::kDelete:
      return ServeWrite(request, current);
    case Kind::kGet:
    case Kind::kHead:
      return ServeRead(request, current);
    case Kind::kList:
      return {.listed = state.values};
    case Kind::kDeleteBucket:
      return ServeDeleteBucket(state);
    default:
      return ServeUsage(state);
  }
}

std::set<State> StatesAfter(const std::set<State>& before,
                            const std::vector<Event>& events) {
  Search search(events);
  for (const State& state : before) search.From(state);
  return search.TakeEnds();
}

}  // namespace cairn::support
