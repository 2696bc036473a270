// A part of a file as a file.

#ifndef CAIRN_LIB_SET_SLICE_FILE_H_
#define CAIRN_LIB_SET_SLICE_FILE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

#include "base/bytes.h"
#include "base/task.h"
#include "drive/drive.h"
#include "format/blob_id.h"
#include "format/open_pack.h"

namespace cairn::set {

// Offsets count from the beginning of the slice, and nothing is written beyond
// its end. A sync is one of the whole file.
class SliceFile : public drive::File {
 public:
  SliceFile(std::shared_ptr<drive::File> file, const format::Slice& slice)
      : file_(std::move(file)), slice_(slice) {}
  SliceFile(const SliceFile&) = delete;
  SliceFile& operator=(const SliceFile&) = delete;

  void Read(std::uint64_t offset, base::MutableBytes into,
            drive::Done done) override;
  void Write(std::uint64_t offset, drive::Parts from,
             drive::Done done) override;
  void WriteSynced(std::uint64_t offset, base::Bytes from,
                   drive::Done done) override;
  void Sync(drive::Done done) override { file_->Sync(std::move(done)); }
  void Punch(std::uint64_t offset, std::uint64_t size,
             drive::Done done) override;

  // That of the slice, or what there is of it.
  std::uint64_t size() const override;

 private:
  std::shared_ptr<drive::File> file_;
  format::Slice slice_;
};

// Opens what a drive has of a blob: its file, or its slice of an open pack.
//
// Errors: those of drive::Drive::Open().
base::Task<absl::StatusOr<std::unique_ptr<drive::File>>> OpenShard(
    drive::Drive& drive, format::BlobId id);

// Where OpenShard() looks, for messages.
std::string NameOfShard(const format::BlobId& id);

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_SLICE_FILE_H_
