// Writing a run on the drives of a set.

#ifndef CAIRN_LIB_SET_RUN_FILES_H_
#define CAIRN_LIB_SET_RUN_FILES_H_

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"

#include "base/task.h"
#include "format/checkpoint.h"
#include "index/run_writer.h"
#include "set/set_contents.h"
#include "set/set_file.h"

namespace cairn::set {

// Takes the files of a run and writes each on every target.
//
// Thread safety: one strand.
class RunFiles : public index::RunSink {
 public:
  RunFiles(const WriteContext& context, std::vector<SetFileTarget> targets,
           std::uint64_t run_id)
      : context_(context), targets_(std::move(targets)), run_id_(run_id) {}

  base::Task<absl::Status> Write(std::uint32_t file, std::uint64_t offset,
                                 base::Bytes bytes) override;
  base::Task<absl::Status> Finish(index::WrittenRunFile file) override;

  // Those that were finished, in the order of their keys.
  const std::vector<format::RunFile>& files() const { return files_; }

 private:
  const WriteContext& context_;
  std::vector<SetFileTarget> targets_;
  std::uint64_t run_id_;
  std::unique_ptr<SetFile> file_;  // the one being written
  PieceDigest digest_;
  std::shared_ptr<base::AlignedBuffer> piece_;
  std::size_t piece_size_ = 0;
  std::vector<format::RunFile> files_;

  base::Task<> WritePiece();
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_RUN_FILES_H_
