// One file on several drives of a set, written side by side.

#ifndef CAIRN_LIB_SET_SET_FILE_H_
#define CAIRN_LIB_SET_SET_FILE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"

#include "base/bytes.h"
#include "base/task.h"
#include "drive/drive.h"

namespace cairn::set {

struct SetFileTarget {
  int position = 0;
  drive::Drive* drive = nullptr;
};

// A drive that fails gets nothing more; the others go on. The caller looks at
// failures() when the file is sealed, and fences.
//
// Thread safety: one strand, one call at a time.
class SetFile {
 public:
  SetFile(std::vector<SetFileTarget> targets, std::string path);

  // Creates the file; what a crash left under its name is removed first.
  base::Task<> Create();

  // Appends `pieces[i]`, of one size, on the i-th target. Borrowed until done.
  base::Task<> Append(std::vector<base::Bytes> pieces);

  // Makes it durable on every drive that has not failed.
  base::Task<> Seal();

  std::uint64_t size() const { return size_; }

  struct Failure {
    int position = 0;
    absl::Status status;
  };
  std::vector<Failure> failures() const;

 private:
  struct Copy {
    SetFileTarget target;
    std::unique_ptr<drive::File> file;
    absl::Status status;
  };

  base::Task<absl::Status> CreateOn(Copy& copy);
  base::Task<absl::Status> AppendOn(Copy& copy, base::Bytes piece);
  base::Task<absl::Status> SealOn(Copy& copy);

  std::vector<Copy> copies_;
  std::string path_;
  std::uint64_t size_ = 0;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_SET_FILE_H_
