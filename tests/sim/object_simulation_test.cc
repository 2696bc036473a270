// Clients of one bucket call at the same time, through two stores, on storage
// that is slow, moves blobs, refuses commits and sometimes does not know what
// became of one. Every history of answers is one that a plain map could have
// given; every body is the one that was put.

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "base/status.h"
#include "base/task.h"
#include "digest/hex.h"
#include "digest/md5.h"
#include "object/store.h"
#include "support/blob_pieces.h"
#include "support/figures.h"
#include "support/object_history.h"
#include "support/sim_loop.h"
#include "support/unsteady_store.h"

namespace cairn::object {
namespace {

using support::Answer;
using support::Event;
using support::kAllNothing;
using support::kAnything;
using support::Kind;
using support::kKeyCount;
using support::kNothing;
using support::Request;
using support::SizeOf;
using support::State;
using support::StatesAfter;
using support::Value;
using support::Values;

constexpr std::string_view kBucket = "photos";
constexpr std::array<std::string_view, kKeyCount> kKeys = {"a", "a/b", "b"};
constexpr std::size_t kClientCount = 4;
constexpr std::size_t kCallsPerRound = 4;
constexpr std::uint64_t kBlobSizeMax = 70'000;

std::string BodyOf(Value value) {
  support::SeededRandom random(static_cast<std::uint64_t>(value));
  std::string body(SizeOf(value), '\0');
  for (char& c : body) c = static_cast<char>(random.Next());
  return body;
}

std::string ETagOf(std::string_view body) {
  digest::Md5 md5;
  md5.Update(base::AsBytes(body));
  return digest::ToHex(*md5.Finish());
}

class Simulation {
 public:
  explicit Simulation(std::uint64_t seed) : random_(seed) {}

  support::UnsteadyStore& storage() { return storage_; }
  const std::map<ErrorCode, std::uint64_t>& answers() const { return answers_; }
  std::uint64_t readers_overtaken() const { return readers_overtaken_; }
  std::uint64_t event_count() const { return event_count_; }

  // All clients make their calls. Returns whether a map explains the answers.
  bool RunRound() {
    events_.clear();
    base::TaskScope scope;
    for (std::size_t i = 0; i < kClientCount; ++i) {
      scope.Spawn(RunClient(stores_[i % stores_.size()]));
    }
    EXPECT_TRUE(loop_.RunUntil([&] { return scope.empty(); }));
    event_count_ += events_.size();
    states_ = StatesAfter(states_, events_);
    return !states_.empty();
  }

  // Deletes what there is.
  void Clear() {
    storage_.set_faults({});
    base::TaskScope scope;
    scope.Spawn(DeleteAll(stores_[0]));
    EXPECT_TRUE(loop_.RunUntil([&] { return scope.empty(); }));
  }

 private:
  Request MakeRequest() {
    constexpr std::array<Kind, 16> kKinds = {
        Kind::kPut,       Kind::kPut,          Kind::kPut,
        Kind::kPut,       Kind::kPut,          Kind::kGet,
        Kind::kGet,       Kind::kGet,          Kind::kHead,
        Kind::kDelete,    Kind::kDelete,       Kind::kDelete,
        Kind::kList,      Kind::kCreateBucket, Kind::kDeleteBucket,
        Kind::kHeadBucket};
    Request request{.kind = kKinds[random_.Choose(kKinds.size())],
                    .key = random_.Choose(kKeyCount)};
    if (request.kind == Kind::kPut) request.value = NewValue();
    if (random_.OneIn(3)) request.if_match = MakeCondition(request.key);
    const bool takes_two = request.kind != Kind::kDelete;
    if (takes_two && random_.OneIn(4)) {
      request.if_none_match = MakeCondition(request.key);
    }
    return request;
  }

  Value NewValue() {
    const auto value = static_cast<Value>(etags_.size());
    etags_.push_back(ETagOf(BodyOf(value)));
    values_.emplace(etags_.back(), value);
    return value;
  }

  Value MakeCondition(std::size_t key) {
    return random_.OneIn(3) || last_seen_[key] == kNothing ? kAnything
                                                           : last_seen_[key];
  }

  std::string ConditionText(Value condition) const {
    if (condition == kNothing) return "";
    if (condition == kAnything) return "*";
    return etags_[static_cast<std::size_t>(condition)];
  }

  // What has this ETag; a value that nobody put makes no history.
  Value ValueOf(const std::string& etag) const {
    const auto found = values_.find(etag);
    EXPECT_NE(found, values_.end()) << etag;
    return found == values_.end() ? kAnything : found->second;
  }

  Answer Failed(const absl::Status& status) {
    const ErrorCode code = CodeOf(status);
    if (code >= ErrorCode::kUnavailable) {
      EXPECT_TRUE(support::UnsteadyStore::IsInjected(status)) << status;
    }
    return {.code = code};
  }

  base::Task<> RunClient(Store& store) {
    for (std::size_t i = 0; i < kCallsPerRound; ++i) {
      Event event{.request = MakeRequest(), .begin = ++moment_};
      base::Task<Answer> call = Call(store, event.request);
      event.answer = co_await call;
      event.end = ++moment_;
      ++answers_[event.answer.code];
      if (event.answer.value >= 0) {
        last_seen_[event.request.key] = event.answer.value;
      }
      events_.push_back(event);
    }
  }

  base::Task<Answer> Call(Store& store, Request request) {
    switch (request.kind) {
      case Kind::kPut:
        return random_.OneIn(2) ? CallPut(store, request)
                                : CallStream(store, request);
      case Kind::kGet:
        return CallGet(store, request);
      case Kind::kHead:
        return CallHead(store, request);
      case Kind::kDelete:
        return CallDelete(store, request);
      case Kind::kList:
        return CallList(store);
      case Kind::kHeadBucket:
        return CallHeadBucket(store);
      default:
        return CallBucket(store, request);
    }
  }

  ObjectRef RefOf(const Request& request) const {
    return {.bucket = kBucket, .key = kKeys[request.key]};
  }
  PutOptions PutOptionsOf(const Request& request) const {
    return {.etag = ETagKind::kMd5,
            .if_match = ConditionText(request.if_match),
            .if_none_match = ConditionText(request.if_none_match)};
  }

  Answer PutAnswer(const absl::StatusOr<PutResult>& put,
                   const Request& request) {
    if (!put.ok()) return Failed(put.status());
    EXPECT_EQ(ValueOf(put->etag), request.value);
    last_seen_[request.key] = request.value;
    return {.replaced = put->replaced};
  }

  base::Task<Answer> CallPut(Store& store, Request request) {
    const std::string body = BodyOf(request.value);
    const PutOptions options = PutOptionsOf(request);
    base::Task<absl::StatusOr<PutResult>> put =
        store.Put(RefOf(request), base::AsBytes(body), options);
    const absl::StatusOr<PutResult> result = co_await put;
    co_return PutAnswer(result, request);
  }

  base::Task<Answer> CallStream(Store& store, Request request) {
    const std::string body = BodyOf(request.value);
    const PutOptions options = PutOptionsOf(request);
    base::Task<absl::StatusOr<std::unique_ptr<Writer>>> begin =
        store.BeginPut(RefOf(request), options);
    const auto writer = co_await begin;
    if (!writer.ok()) co_return Failed(writer.status());
    for (std::size_t at = 0; at < body.size(); at += 40'000) {
      const std::string piece = body.substr(at, 40'000);
      base::Task<absl::Status> append = (*writer)->Append(base::AsBytes(piece));
      const absl::Status appended = co_await append;
      if (!appended.ok()) co_return Failed(appended);
    }
    base::Task<absl::StatusOr<PutResult>> commit = (*writer)->Commit();
    const absl::StatusOr<PutResult> result = co_await commit;
    co_return PutAnswer(result, request);
  }

  base::Task<Answer> CallGet(Store& store, Request request) {
    const GetOptions options{
        .if_match = ConditionText(request.if_match),
        .if_none_match = ConditionText(request.if_none_match)};
    base::Task<absl::StatusOr<std::unique_ptr<Reader>>> get =
        store.Get(RefOf(request), options);
    const auto reader = co_await get;
    if (!reader.ok()) co_return Failed(reader.status());
    const Value value = ValueOf((*reader)->info().etag);
    base::Task<> check = CheckBody(**reader, value);
    co_await check;
    co_return Answer{.value = value};
  }

  // A large object may be replaced while it is read, and then says so.
  base::Task<> CheckBody(Reader& reader, Value value) {
    const std::string body = BodyOf(value);
    EXPECT_EQ(reader.info().size, body.size());
    const bool streams = random_.OneIn(2);
    std::uint64_t at = 0;
    while (at < body.size()) {
      base::Task<absl::StatusOr<std::string>> read =
          streams ? ReadNext(reader) : ReadAt(reader, at);
      const absl::StatusOr<std::string> piece = co_await read;
      if (!piece.ok()) {
        CheckOvertaken(piece.status(), body);
        co_return;
      }
      EXPECT_FALSE(piece->empty());
      EXPECT_EQ(*piece, body.substr(at, piece->size()));
      at += piece->size();
    }
  }

  base::Task<absl::StatusOr<std::string>> ReadAt(Reader& reader,
                                                 std::uint64_t at) {
    std::string piece(60'000, '\0');
    base::Task<absl::StatusOr<std::size_t>> read =
        reader.ReadAt(at, std::as_writable_bytes(std::span(piece)));
    CAIRN_CO_ASSIGN_OR_RETURN(const std::size_t size, co_await read);
    piece.resize(size);
    co_return piece;
  }

  base::Task<absl::StatusOr<std::string>> ReadNext(Reader& reader) {
    base::Task<absl::StatusOr<storage::BlobPieces>> read = reader.Next();
    CAIRN_CO_ASSIGN_OR_RETURN(const storage::BlobPieces next, co_await read);
    co_return support::TextOf(next);
  }

  void CheckOvertaken(const absl::Status& status, std::string_view body) {
    const bool is_overtaken = CodeOf(status) == ErrorCode::kConflict;
    readers_overtaken_ += is_overtaken ? 1 : 0;
    EXPECT_TRUE(is_overtaken || support::UnsteadyStore::IsInjected(status))
        << status;
    EXPECT_GT(body.size(), storage::kSmallBlobSizeMax);
  }

  base::Task<Answer> CallHead(Store& store, Request request) {
    const HeadOptions options{
        .if_match = ConditionText(request.if_match),
        .if_none_match = ConditionText(request.if_none_match)};
    base::Task<absl::StatusOr<ObjectInfo>> head =
        store.Head(RefOf(request), options);
    const absl::StatusOr<ObjectInfo> info = co_await head;
    if (!info.ok()) co_return Failed(info.status());
    co_return Answer{.value = ValueOf(info->etag)};
  }

  base::Task<Answer> CallDelete(Store& store, Request request) {
    const DeleteOptions options{.if_match = ConditionText(request.if_match)};
    base::Task<absl::Status> remove = store.Delete(RefOf(request), options);
    const absl::Status removed = co_await remove;
    co_return Failed(removed);
  }

  base::Task<Answer> CallList(Store& store) {
    const ListOptions options;
    base::Task<absl::StatusOr<ListPage>> list = store.List(kBucket, options);
    const absl::StatusOr<ListPage> page = co_await list;
    if (!page.ok()) co_return Failed(page.status());
    Answer answer;
    for (const ObjectSummary& object : page->objects) {
      const auto key = std::ranges::find(kKeys, object.key);
      EXPECT_NE(key, kKeys.end());
      if (key == kKeys.end()) continue;
      const Value value = ValueOf(object.etag);
      EXPECT_EQ(object.size, SizeOf(value));
      answer.listed[static_cast<std::size_t>(key - kKeys.begin())] = value;
    }
    co_return answer;
  }

  base::Task<Answer> CallHeadBucket(Store& store) {
    base::Task<absl::StatusOr<BucketInfo>> head = store.HeadBucket(kBucket);
    const absl::StatusOr<BucketInfo> info = co_await head;
    if (!info.ok()) co_return Failed(info.status());
    co_return Answer{.object_count = info->object_count,
                     .object_bytes = info->object_bytes};
  }

  base::Task<Answer> CallBucket(Store& store, Request request) {
    base::Task<absl::Status> change = request.kind == Kind::kCreateBucket
                                          ? store.CreateBucket(kBucket)
                                          : store.DeleteBucket(kBucket);
    const absl::Status changed = co_await change;
    co_return Failed(changed);
  }

  base::Task<> DeleteAll(Store& store) {
    base::Task<absl::Status> create = store.CreateBucket(kBucket);
    const absl::Status created = co_await create;
    EXPECT_TRUE(created.ok() ||
                CodeOf(created) == ErrorCode::kBucketAlreadyExists);
    for (const std::string_view key : kKeys) {
      const DeleteOptions options;
      base::Task<absl::Status> remove =
          store.Delete({.bucket = kBucket, .key = key}, options);
      const absl::Status removed = co_await remove;
      EXPECT_TRUE(removed.ok()) << removed;
    }
    base::Task<absl::Status> remove = store.DeleteBucket(kBucket);
    const absl::Status removed = co_await remove;
    EXPECT_TRUE(removed.ok()) << removed;
  }

  Environment MakeEnvironment() {
    return {.meta = storage_,
            .blobs = storage_,
            .clock = loop_,
            .random = random_,
            .blob_size_max = kBlobSizeMax};
  }

  support::SeededRandom random_;
  support::SimLoop loop_{random_};
  support::UnsteadyStore storage_{loop_, random_};
  std::array<Store, 2> stores_{Store(MakeEnvironment()),
                               Store(MakeEnvironment())};

  std::vector<std::string> etags_;       // of each value
  std::map<std::string, Value> values_;  // of each ETag
  Values last_seen_ = kAllNothing;

  std::uint64_t moment_ = 0;
  std::vector<Event> events_;  // of this round
  std::set<State> states_{State{}};

  std::map<ErrorCode, std::uint64_t> answers_;
  std::uint64_t readers_overtaken_ = 0;
  std::uint64_t event_count_ = 0;
};

TEST(ObjectSimulationTest, SteadyStorageHasOneHistory) {
  Simulation simulation(support::TestSeed(31));
  for (std::uint64_t i = support::TestIterations(200); i > 0; --i) {
    ASSERT_TRUE(simulation.RunRound()) << "rounds left: " << i;
  }
  EXPECT_EQ(simulation.answers().count(ErrorCode::kOutcomeUnknown), 0u);
  EXPECT_EQ(simulation.answers().count(ErrorCode::kUnavailable), 0u);
  simulation.Clear();
  EXPECT_EQ(simulation.storage().memory().record_count(), 0u);
}

TEST(ObjectSimulationTest, EveryHistoryIsThatOfAMap) {
  Simulation simulation(support::TestSeed(32));
  simulation.storage().set_faults(
      {.unknown = 8, .refused = 40, .read_lost = 60, .move = 30});
  const std::uint64_t rounds = support::TestIterations(400);
  for (std::uint64_t i = 0; i < rounds; ++i) {
    ASSERT_TRUE(simulation.RunRound()) << "round " << i;
  }
  simulation.Clear();
  EXPECT_EQ(simulation.storage().memory().record_count(), 0u);
  support::AddFigure("object_calls", simulation.event_count());
  if (rounds < 400) return;
  for (const ErrorCode code :
       {ErrorCode::kOk, ErrorCode::kNoSuchBucket, ErrorCode::kNoSuchKey,
        ErrorCode::kPreconditionFailed, ErrorCode::kNotModified,
        ErrorCode::kBucketNotEmpty, ErrorCode::kBucketAlreadyExists,
        ErrorCode::kUnavailable, ErrorCode::kQuorumLost,
        ErrorCode::kOutcomeUnknown}) {
    EXPECT_TRUE(simulation.answers().contains(code)) << NameOf(code);
  }
  const support::UnsteadyStore::Counts& counts = simulation.storage().counts();
  EXPECT_GT(counts.unknown_done, 0u);
  EXPECT_GT(counts.unknown_dropped, 0u);
  EXPECT_GT(counts.moved, 0u);
  EXPECT_GT(counts.conflicts, 0u);
  EXPECT_GT(counts.blobs_gone, 0u);
  EXPECT_GT(simulation.readers_overtaken(), 0u);
}

}  // namespace
}  // namespace cairn::object
