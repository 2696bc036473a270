// Writes runs: sorted records in, files out.

#ifndef CAIRN_LIB_INDEX_RUN_WRITER_H_
#define CAIRN_LIB_INDEX_RUN_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

#include "base/bytes.h"
#include "base/task.h"
#include "base/uuid.h"
#include "format/run_block_builder.h"
#include "format/run_footer.h"
#include "format/run_index.h"
#include "format/run_record.h"

namespace cairn::index {

// A file that has been written whole.
struct WrittenRunFile {
  format::RunFooter footer;
  format::RunBounds bounds;
  base::Uuid digest;  // names the content; RunReaderOptions takes it
};

// Takes the files of a run, one after the other: the same bytes for every
// drive.
class RunSink {
 public:
  virtual ~RunSink() = default;

  // Appends `bytes` to file `file` at `offset`. Calls come in order and without
  // gaps, from 0; address, size and offset are multiples of
  // base::kDirectAlignment. `bytes` is borrowed until the task has ended.
  virtual base::Task<absl::Status> Write(std::uint32_t file,
                                         std::uint64_t offset,
                                         base::Bytes bytes) = 0;

  // All bytes of a file have been written; it is for the sink to make them
  // durable.
  virtual base::Task<absl::Status> Finish(WrittenRunFile file) = 0;
};

struct RunWriterOptions {
  // Of the first file; the next ones count `file` up.
  format::RunFileId id;
  // The run holds what is newer than the first and not newer than the second.
  std::uint64_t from_sequence = 0;
  std::uint64_t to_sequence = 0;
  // Where the range of the first file begins: "", or where the range of the
  // file before ends when a run is written in several steps.
  std::string lower;
  // No file is larger, unless one block alone is.
  std::uint64_t file_size_max = format::kRunFileSizeTarget;
};

// Cuts records into blocks and blocks into files. Holds about kChunkSize bytes
// and 8 bytes for each record of the file it is at.
//
//   for each record:
//     CAIRN_CO_RETURN_IF_ERROR(writer.Add(record));
//     if (writer.wants_flush()) {
//       base::Task<absl::Status> flush = writer.Flush();
//       CAIRN_CO_RETURN_IF_ERROR(co_await flush);
//     }
//   then co_await writer.Finish()
//
// The same records give the same bytes, whenever Flush() is called.
//
// Thread safety: one thread at a time. The sink outlives the writer.
class RunWriter {
 public:
  RunWriter(RunWriterOptions options, RunSink& sink);
  RunWriter(const RunWriter&) = delete;
  RunWriter& operator=(const RunWriter&) = delete;
  ~RunWriter();

  // Takes the next record; its key is greater than the last one.
  //
  // Errors: kInvalidArgument for a key or value over the limits; kInternal for
  //         a key out of order and a sequence outside of the run's. Nothing was
  //         added then.
  absl::Status Add(const format::RunRecord& record);

  // Whether no record was added yet. Such a run need not be finished.
  bool is_empty() const { return hashes_.empty(); }

  bool wants_flush() const { return !ready_.empty(); }

  // Hands what is ready to the sink.
  //
  // Errors: the sink's; the run cannot be finished any more.
  base::Task<absl::Status> Flush();

  // Ends the last file, whose range ends at `upper`, and hands all that is left
  // to the sink. A writer that is destroyed instead leaves the files for which
  // RunSink::Finish() was called: a run that is written in steps goes on later
  // where the last one's range ends.
  //
  // Errors: the sink's; kInternal when a record is not below `upper`.
  base::Task<absl::Status> Finish(
      std::optional<std::string> upper = std::nullopt);

  static constexpr std::size_t kChunkSize = 1 << 20;

 private:
  // What the footer counts, for a file and for the block to come.
  struct Counts {
    std::uint64_t records = 0;
    std::uint64_t tombstones = 0;
    std::uint64_t key_bytes = 0;
    std::uint64_t value_bytes = 0;

    void Add(const format::RunRecord& record);
    void Add(const Counts& counts);
  };

  // Bytes for the sink.
  struct Chunk {
    std::uint32_t file = 0;
    std::uint64_t offset = 0;
    base::AlignedBuffer buffer;
    std::size_t size = 0;  // that are filled
    std::optional<WrittenRunFile> finished;
  };

  absl::Status Check(const format::RunRecord& record) const;

  // Ends the block, whose range ends at `upper`, in this file or the next.
  void EndBlock(std::optional<std::string_view> upper);
  bool FitsInFile(std::size_t block_size,
                  std::optional<std::string_view> upper) const;
  // Ends the file without the block to come.
  void EndFile(std::optional<std::string> upper);
  void BeginFile(std::string_view lower);
  format::RunFooter FooterFor(const format::RunBounds& bounds) const;

  base::MutableBytes Reserve(std::size_t size);
  void SealChunk();
  base::Task<absl::Status> WriteChunk(Chunk& chunk);

  RunWriterOptions options_;
  RunSink& sink_;
  absl::Status status_;

  format::RunBlockBuilder block_;
  Counts block_counts_;

  // The file so far, without the block to come.
  Counts counts_;
  std::uint64_t blocks_size_ = 0;
  std::uint32_t block_count_ = 0;
  format::RunIndexBuilder index_;
  format::RunBounds bounds_;
  // With those of the block to come: a file is never begun without one.
  std::vector<std::uint64_t> hashes_;
  std::uint64_t salt_;

  std::deque<Chunk> ready_;
  std::optional<Chunk> filling_;
};

}  // namespace cairn::index

#endif  // CAIRN_LIB_INDEX_RUN_WRITER_H_
