// What a host sees of an engine, on real folders and with each way of I/O: its
// calls, its readers, what many threads do at once, and what is there when it
// is opened again. What the calls mean in detail is object/'s, tested there.

#include "cairn/engine.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "unit/engine/engine_testing.h"

namespace cairn::engine {
namespace {

constexpr std::size_t kSmallSize = 20'000;
constexpr std::size_t kPackedSize = 60'000;
constexpr std::size_t kLargeSize = 3'000'001;

// Gives a text in reads of changing size, and fails at the end where asked to.
class TextSource : public ObjectSource {
 public:
  explicit TextSource(std::string text, absl::Status end = absl::OkStatus())
      : text_(std::move(text)), end_(std::move(end)) {}

  absl::StatusOr<std::size_t> Read(std::span<std::byte> into) override {
    EXPECT_FALSE(into.empty());
    EXPECT_FALSE(has_ended_);
    if (position_ == text_.size()) {
      has_ended_ = true;
      if (!end_.ok()) return end_;
      return 0;
    }
    step_ = step_ * 3 % 100'003 + 1;
    const std::size_t size =
        std::min({into.size(), step_, text_.size() - position_});
    std::ranges::copy(BytesOf(text_).subspan(position_, size), into.begin());
    position_ += size;
    return size;
  }

 private:
  const std::string text_;
  const absl::Status end_;
  std::size_t position_ = 0;
  std::size_t step_ = 1;
  bool has_ended_ = false;
};

class LyingSource : public ObjectSource {
 public:
  absl::StatusOr<std::size_t> Read(std::span<std::byte> into) override {
    return into.size() + 1;
  }
};

// The files of large blobs, not their folders.
void RemoveBlobs(const std::string& drive) {
  namespace fs = std::filesystem;
  for (const auto& entry : fs::recursive_directory_iterator(drive + "/blobs")) {
    if (entry.is_regular_file()) fs::remove(entry.path());
  }
}

class EngineTest : public testing::TestWithParam<IoMode> {
 protected:
  EngineTest() : folders_(4) {}

  void SetUp() override {
    auto engine = Engine::Open(options());
    if (GetParam() == IoMode::kIoUring && !engine.ok()) {
      ASSERT_EQ(CodeOf(engine.status()), ErrorCode::kInvalidArgument);
      GTEST_SKIP() << engine.status();
    }
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
    ASSERT_TRUE(engine_->CreateBucket("photos").ok());
  }

  EngineOptions options() const {
    EngineOptions options = OptionsFor(folders_.paths());
    options.io = GetParam();
    return options;
  }

  void Reopen() {
    engine_.reset();
    auto engine = Engine::Open(options());
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
  }

  std::string Text(std::string_view key, const GetOptions& options = {}) {
    const auto text = GetText(*engine_, Ref(key), options);
    return text.ok() ? *text : text.status().ToString();
  }
  absl::Status Put(std::string_view key, std::string_view text) {
    return PutText(*engine_, Ref(key), text);
  }
  ErrorCode GetCode(std::string_view key) {
    return CodeOf(GetText(*engine_, Ref(key)).status());
  }
  static ObjectRef Ref(std::string_view key) {
    return {.bucket = "photos", .key = key};
  }

  Folders folders_;
  EnginePtr engine_;
};

std::string NameOfMode(const testing::TestParamInfo<IoMode>& info) {
  switch (info.param) {
    case IoMode::kAuto:
      return "Auto";
    case IoMode::kIoUring:
      return "Uring";
    case IoMode::kPosix:
      return "Posix";
  }
  return "";
}

INSTANTIATE_TEST_SUITE_P(Modes, EngineTest,
                         testing::Values(IoMode::kAuto, IoMode::kIoUring,
                                         IoMode::kPosix),
                         NameOfMode);

TEST_P(EngineTest, WhatIsPutIsFoundUntilItIsDeleted) {
  ASSERT_TRUE(Put("cat", "miau").ok());
  EXPECT_EQ(Text("cat"), "miau");
  const auto head = engine_->Head(Ref("cat"), {});
  ASSERT_TRUE(head.ok()) << head.status();
  EXPECT_EQ(head->size, 4u);
  const auto list = engine_->List("photos", {});
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_EQ(list->objects.size(), 1u);
  EXPECT_EQ(list->objects[0].key, "cat");
  EXPECT_EQ(CodeOf(engine_->DeleteBucket("photos")),
            ErrorCode::kBucketNotEmpty);
  EXPECT_TRUE(engine_->Delete(Ref("cat"), {}).ok());
  EXPECT_EQ(GetCode("cat"), ErrorCode::kNoSuchKey);
  EXPECT_TRUE(engine_->DeleteBucket("photos").ok());
  EXPECT_EQ(CodeOf(engine_->HeadBucket("photos").status()),
            ErrorCode::kNoSuchBucket);
  const auto buckets = engine_->ListBuckets({});
  ASSERT_TRUE(buckets.ok()) << buckets.status();
  EXPECT_TRUE(buckets->buckets.empty());
}

TEST_P(EngineTest, ObjectsOfEverySizeAreThereAfterAnotherOpening) {
  const std::vector<std::size_t> sizes = {
      0, 1, 512, 513, kSmallSize, 64 << 10, (64 << 10) + 1, kLargeSize};
  for (const std::size_t size : sizes) {
    ASSERT_TRUE(Put(std::to_string(size), TextOf(size, size)).ok()) << size;
  }
  Reopen();
  for (const std::size_t size : sizes) {
    EXPECT_TRUE(Text(std::to_string(size)) == TextOf(size, size)) << size;
  }
  const auto bucket = engine_->HeadBucket("photos");
  ASSERT_TRUE(bucket.ok()) << bucket.status();
  EXPECT_EQ(bucket->object_count, sizes.size());
}

TEST_P(EngineTest, MoreThanALogHoldsIsThereAfterAnotherOpening) {
  constexpr int kObjects = 400;
  for (int i = 0; i < kObjects; ++i) {
    const absl::Status put = Put(std::to_string(i), TextOf(7, kPackedSize));
    ASSERT_TRUE(put.ok()) << i << put;
  }
  const auto info = engine_->Info();
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_GT(info->run_count, 0u);
  EXPECT_GT(info->pack_count, 0u);
  Reopen();
  for (int i = 0; i < kObjects; ++i) {
    EXPECT_TRUE(Text(std::to_string(i)) == TextOf(7, kPackedSize)) << i;
  }
}

TEST_P(EngineTest, AStreamIsPutWhateverThePiecesAre) {
  for (const std::size_t size : {std::size_t{0}, kSmallSize, kLargeSize}) {
    TextSource source(TextOf(1, size));
    const PutOptions options{.etag = ETagKind::kMd5};
    const auto put = engine_->Put(Ref("film"), source, options);
    ASSERT_TRUE(put.ok()) << put.status();
    EXPECT_TRUE(Text("film") == TextOf(1, size)) << size;
    // The ETag is that of the bytes, however they came.
    const auto whole =
        engine_->Put(Ref("film"), BytesOf(TextOf(1, size)), options);
    ASSERT_TRUE(whole.ok()) << whole.status();
    EXPECT_EQ(put->etag, whole->etag);
  }
}

TEST_P(EngineTest, AStreamThatFailsChangesNothing) {
  ASSERT_TRUE(Put("film", "old").ok());
  for (const std::size_t size : {std::size_t{0}, kSmallSize, kLargeSize}) {
    TextSource source(TextOf(1, size), absl::UnknownError("the line is cut"));
    const absl::Status put = engine_->Put(Ref("film"), source, {}).status();
    EXPECT_EQ(put, absl::UnknownError("the line is cut"));
    EXPECT_EQ(Text("film"), "old");
  }
  LyingSource lying;
  EXPECT_EQ(CodeOf(engine_->Put(Ref("film"), lying, {}).status()),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(Text("film"), "old");
}

TEST_P(EngineTest, AReaderGivesItsRangeAndKeepsItsPlace) {
  for (const std::size_t size : {kSmallSize, kLargeSize}) {
    const std::string text = TextOf(5, size);
    ASSERT_TRUE(Put("film", text).ok());
    auto reader =
        engine_->Get(Ref("film"), {.range = ByteRange::Between(1000, 15'999)});
    ASSERT_TRUE(reader.ok()) << reader.status();
    EXPECT_EQ((*reader)->info().size, size);
    EXPECT_EQ((*reader)->range(), (ByteSpan{.offset = 1000, .size = 15'000}));
    std::vector<std::byte> piece(4);
    ASSERT_EQ((*reader)->ReadAt(14'998, piece).value_or(99), 2u);
    EXPECT_EQ(static_cast<char>(piece[1]), text[15'999]);
    EXPECT_EQ((*reader)->ReadAt(15'000, piece).value_or(99), 0u);
    const auto read = ReadAll(**reader, 777);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_TRUE(*read == text.substr(1000, 15'000));
    EXPECT_EQ((*reader)->Read(piece).value_or(99), 0u);
  }
}

// What is on its way to them when they go disturbs nobody.
TEST_P(EngineTest, ReadersThatAreGivenUpLeaveNothingBehind) {
  constexpr std::size_t kSize = std::size_t{12} << 20;
  const std::string text = TextOf(6, kSize);
  ASSERT_TRUE(Put("film", text).ok());
  std::vector<std::byte> piece(100'000);
  for (int i = 0; i < 20; ++i) {
    auto reader = engine_->Get(Ref("film"), {});
    ASSERT_TRUE(reader.ok()) << reader.status();
    ASSERT_EQ((*reader)->Read(piece).value_or(99), piece.size());
    EXPECT_EQ(std::memcmp(piece.data(), text.data(), piece.size()), 0);
  }
  auto last = engine_->Get(Ref("film"), {});
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_TRUE(ReadAll(**last, 1'000'000).value_or("failed") == text);
}

TEST_P(EngineTest, ErrorsReachTheCaller) {
  EXPECT_EQ(CodeOf(engine_->CreateBucket("photos")),
            ErrorCode::kBucketAlreadyExists);
  EXPECT_EQ(CodeOf(engine_->CreateBucket("No")), ErrorCode::kInvalidBucketName);
  EXPECT_EQ(CodeOf(Put("", "x")), ErrorCode::kInvalidKey);
  EXPECT_EQ(CodeOf(PutText(*engine_, {.bucket = "none", .key = "a"}, "x")),
            ErrorCode::kNoSuchBucket);
  const std::string large = TextOf(1, kLargeSize);
  EXPECT_EQ(CodeOf(PutText(*engine_, {.bucket = "none", .key = "a"}, large)),
            ErrorCode::kNoSuchBucket);
  EXPECT_EQ(GetCode("cat"), ErrorCode::kNoSuchKey);
  EXPECT_EQ(CodeOf(engine_->List("photos", {.page_size = 0}).status()),
            ErrorCode::kInvalidArgument);
}

TEST_P(EngineTest, ItKnowsItself) {
  const auto info = engine_->Info();
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_EQ(info->deployment.size(), 36u);
  EXPECT_EQ(info->data, 2);
  EXPECT_EQ(info->parity, 2);
  EXPECT_EQ(info->write_quorum, 3);
  EXPECT_FALSE(info->read_only);
  EXPECT_EQ(info->epoch, 1u);
  ASSERT_EQ(info->drives.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(info->drives[i].state, DriveState::kServing);
    EXPECT_EQ(info->drives[i].path, folders_[i]);
    EXPECT_GT(info->drives[i].bytes_total, 0u);
  }
  Reopen();
  const auto again = engine_->Info();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->epoch, 2u);
  EXPECT_EQ(again->deployment, info->deployment);
}

TEST_P(EngineTest, HealingGivesDrivesWhatTheyLack) {
  const std::string text = TextOf(3, kLargeSize);
  ASSERT_TRUE(Put("film", text).ok());
  RemoveBlobs(folders_[1]);
  std::vector<HealProgress> progress;
  const auto healed = engine_->Heal(
      {.on_progress = [&](const HealProgress& p) { progress.push_back(p); }});
  ASSERT_TRUE(healed.ok()) << healed.status();
  // The engine does it on its own, too.
  EXPECT_LE(healed->healed, 1u);
  EXPECT_EQ(healed->unrecoverable, 0u);
  EXPECT_EQ(healed->postponed, 0u);
  ASSERT_FALSE(progress.empty());
  EXPECT_EQ(progress.back().done, progress.back().total);
  // Two others may go now.
  engine_.reset();
  RemoveBlobs(folders_[0]);
  RemoveBlobs(folders_[2]);
  Reopen();
  EXPECT_TRUE(Text("film") == text);
}

TEST_P(EngineTest, ManyThreadsPutReadAndDeleteTheirOwn) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 12;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < kRounds; ++i) {
        const std::string key = std::to_string(t) + "/" + std::to_string(i % 5);
        const std::size_t size = i % 4 == 3 ? 200'000 : 100u << (i % 8);
        const std::string text = TextOf(static_cast<std::uint64_t>(t), size);
        EXPECT_TRUE(Put(key, text).ok());
        EXPECT_TRUE(Text(key) == text);
        if (i % 3 == 2) {
          EXPECT_TRUE(engine_->Delete(Ref(key), {}).ok());
          EXPECT_EQ(GetCode(key), ErrorCode::kNoSuchKey);
        }
        EXPECT_TRUE(engine_->List("photos", {}).ok());
        EXPECT_TRUE(engine_->Info().ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto before = engine_->List("photos", {});
  ASSERT_TRUE(before.ok()) << before.status();
  Reopen();
  const auto after = engine_->List("photos", {});
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(after->objects.size(), before->objects.size());
}

TEST_P(EngineTest, OneOfManyThatWantTheSameKeyGetsIt) {
  constexpr int kThreads = 8;
  std::atomic<int> winners = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, &winners] {
      PutOptions options;
      options.if_none_match = "*";
      const absl::Status put =
          engine_->Put(Ref("seat"), BytesOf("mine"), options).status();
      if (put.ok()) winners.fetch_add(1);
      EXPECT_TRUE(put.ok() || CodeOf(put) == ErrorCode::kPreconditionFailed)
          << put;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(winners.load(), 1);
}

}  // namespace
}  // namespace cairn::engine
