// Runs in memory, for the tests of lib/index.

#ifndef CAIRN_TESTS_UNIT_INDEX_RUN_TESTING_H_
#define CAIRN_TESTS_UNIT_INDEX_RUN_TESTING_H_

#include <atomic>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "base/check.h"
#include "base/status.h"
#include "base/task.h"
#include "index/block_cache.h"
#include "index/block_source.h"
#include "index/cursor.h"
#include "index/run.h"
#include "index/run_reader.h"
#include "index/run_writer.h"
#include "support/sim_loop.h"

namespace cairn::index {

template <typename T>
base::Task<> StoreResult(base::Task<T> task, std::optional<T>& result) {
  result.emplace(co_await task);
}

// Runs a task to its end; with a loop, whatever it waits for happens there.
template <typename T>
T Await(base::Task<T> task, support::SimLoop* loop = nullptr) {
  std::optional<T> result;
  base::TaskScope scope;
  scope.Spawn(StoreResult(std::move(task), result));
  if (loop != nullptr) loop->RunAll();
  CAIRN_CHECK(result.has_value());
  return *std::move(result);
}

struct Content {
  std::uint64_t sequence = 0;
  RecordKind kind = RecordKind::kPut;
  std::string value;

  friend bool operator==(const Content&, const Content&) = default;
};
using Model = std::map<std::string, Content>;
using FileBytes = std::vector<std::byte>;

inline format::RunFileId IdOfRun(std::uint64_t run) {
  return {.deployment = {.high = 1, .low = 2}, .set = 3, .run = run};
}

// Keeps files in memory and checks that their bytes come as promised.
class MemorySink : public RunSink {
 public:
  base::Task<absl::Status> Write(std::uint32_t file, std::uint64_t offset,
                                 base::Bytes bytes) override {
    if (writes_until_error == 0) {
      co_return base::Error(ErrorCode::kDriveFailed, "injected");
    }
    --writes_until_error;
    FileBytes& content = files[file];
    EXPECT_EQ(offset, content.size());
    EXPECT_EQ(bytes.size() % base::kDirectAlignment, 0u);
    EXPECT_FALSE(bytes.empty());
    content.insert(content.end(), bytes.begin(), bytes.end());
    co_return absl::OkStatus();
  }

  base::Task<absl::Status> Finish(WrittenRunFile file) override {
    EXPECT_EQ(files[file.footer.id.file].size(), file.footer.file_size);
    finished.push_back(std::move(file));
    co_return absl::OkStatus();
  }

  std::map<std::uint32_t, FileBytes> files;
  std::vector<WrittenRunFile> finished;
  std::uint64_t writes_until_error = ~std::uint64_t{0};
};

// Serves a file from several copies, the first one first, as drives would.
class MemorySource : public BlockSource {
 public:
  explicit MemorySource(std::vector<FileBytes> copies,
                        base::Executor* executor = nullptr)
      : copies_(std::move(copies)), executor_(executor) {}

  base::Task<absl::StatusOr<base::AlignedBuffer>> Read(ByteRange range,
                                                       Verify verify) override {
    ++read_count;
    if (executor_ != nullptr) {
      base::Callback<bool> later([this](base::Callback<bool>::Done done) {
        executor_->Post(
            [done = std::move(done)]() mutable { std::move(done)(true); });
      });
      co_await later;
    }
    absl::Status status = base::Error(ErrorCode::kUnavailable, "no copy");
    for (const FileBytes& copy : copies_) {
      if (range.offset + range.size > copy.size()) continue;
      base::AlignedBuffer buffer(range.size);
      std::memcpy(buffer.bytes().data(), copy.data() + range.offset,
                  range.size);
      const base::AlignedBuffer& bytes = buffer;
      status = is_careless ? absl::OkStatus() : verify(bytes.bytes());
      if (status.ok()) co_return std::move(buffer);
    }
    co_return status;
  }

  std::uint64_t size() const override { return copies_.front().size(); }

  std::atomic<std::uint64_t> read_count = 0;
  bool is_careless = false;  // does not verify

 private:
  std::vector<FileBytes> copies_;
  base::Executor* executor_;
};

inline format::RunRecord RecordOf(const Model::value_type& entry) {
  return {.key = entry.first,
          .sequence = entry.second.sequence,
          .kind = entry.second.kind,
          .value = entry.second.value};
}

inline RunWriterOptions WriterOptions(std::uint64_t run) {
  RunWriterOptions options;
  options.id = IdOfRun(run);
  options.to_sequence = ~std::uint64_t{0};
  return options;
}

// Writes all of `model`.
inline absl::Status WriteRun(const Model& model, RunWriterOptions options,
                             MemorySink& sink) {
  RunWriter writer(std::move(options), sink);
  for (const auto& entry : model) {
    CAIRN_RETURN_IF_ERROR(writer.Add(RecordOf(entry)));
    if (!writer.wants_flush()) continue;
    CAIRN_RETURN_IF_ERROR(Await(writer.Flush()));
  }
  return Await(writer.Finish());
}

inline absl::StatusOr<std::shared_ptr<const RunReader>> OpenFile(
    const format::RunFileId& id, std::shared_ptr<BlockSource> source,
    BlockCache& cache) {
  return Await(RunReader::Open(
      {.id = id, .source = std::move(source), .cache = &cache}));
}

// Opens the files of a sink as one run.
inline absl::StatusOr<std::shared_ptr<const Run>> OpenRun(
    const MemorySink& sink, BlockCache& cache,
    base::Executor* executor = nullptr, KeyRange range = {}) {
  std::vector<std::shared_ptr<const RunReader>> files;
  for (const WrittenRunFile& file : sink.finished) {
    const FileBytes& bytes = sink.files.at(file.footer.id.file);
    auto source =
        std::make_shared<MemorySource>(std::vector<FileBytes>{bytes}, executor);
    CAIRN_ASSIGN_OR_RETURN(auto reader,
                           Await(RunReader::Open({.id = file.footer.id,
                                                  .digest = file.digest,
                                                  .source = source,
                                                  .cache = &cache}),
                                 static_cast<support::SimLoop*>(executor)));
    files.push_back(std::move(reader));
  }
  return Run::Create(std::move(files), std::move(range));
}

inline std::shared_ptr<const Run> MakeRun(const Model& model,
                                          RunWriterOptions options,
                                          BlockCache& cache) {
  MemorySink sink;
  EXPECT_TRUE(WriteRun(model, std::move(options), sink).ok());
  return *OpenRun(sink, cache);
}

inline Probe ProbeOf(std::string_view key) {
  static const std::uint64_t salt = format::FilterSalt(IdOfRun(0).deployment);
  return {.key = key, .hash = format::FilterHash(key, salt)};
}

inline absl::Status LoadAll(Cursor& cursor, support::SimLoop* loop = nullptr) {
  while (cursor.state() == Cursor::State::kLoad) {
    CAIRN_RETURN_IF_ERROR(Await(cursor.Load(), loop));
  }
  return absl::OkStatus();
}

// At most `limit` records from `key` on.
inline absl::StatusOr<Model> Collect(Cursor& cursor, std::string_view key,
                                     std::size_t limit = ~std::size_t{0},
                                     support::SimLoop* loop = nullptr) {
  Model model;
  cursor.Seek(key);
  while (true) {
    CAIRN_RETURN_IF_ERROR(LoadAll(cursor, loop));
    if (cursor.state() == Cursor::State::kEnd || model.size() == limit) break;
    const Record record = cursor.record();
    EXPECT_TRUE(model.empty() || model.rbegin()->first < record.key);
    model.emplace(record.key, Content{.sequence = record.sequence,
                                      .kind = record.kind,
                                      .value = std::string(record.value)});
    cursor.Next();
  }
  return model;
}

// What a cursor over `range` gives out from `key` on.
inline Model Part(const Model& model, const KeyRange& range,
                  std::string_view key = "",
                  std::size_t limit = ~std::size_t{0}) {
  Model part;
  for (auto entry = model.lower_bound(std::string(key));
       entry != model.end() && part.size() < limit; ++entry) {
    if (range.Contains(entry->first)) part.insert(*entry);
  }
  return part;
}

// Keys of few different bytes, so that prefixes and neighbours are common.
inline std::string RandomKey(support::SeededRandom& random) {
  static constexpr char kBytes[] = {'\0', 'a', 'b', '\x7f', '\x80', '\xff'};
  std::string key(random.Choose(9), ' ');
  for (char& byte : key) byte = kBytes[random.Choose(sizeof(kBytes))];
  return key;
}

inline Content RandomContent(support::SeededRandom& random,
                             std::uint64_t sequence) {
  Content content{.sequence = sequence};
  if (random.OneIn(4)) {
    content.kind = RecordKind::kTombstone;
  } else {
    const std::size_t size_max = random.OneIn(50) ? 50000 : 300;
    content.value.assign(random.Choose(size_max),
                         static_cast<char>('a' + random.Choose(26)));
  }
  return content;
}

}  // namespace cairn::index

#endif  // CAIRN_TESTS_UNIT_INDEX_RUN_TESTING_H_
