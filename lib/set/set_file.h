// One file on several drives of a set, written side by side.

#ifndef CAIRN_LIB_SET_SET_FILE_H_
#define CAIRN_LIB_SET_SET_FILE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"

#include "base/bytes.h"
#include "base/executor.h"
#include "base/task.h"
#include "drive/drive.h"
#include "set/write_context.h"

namespace cairn::set {

struct SetFileTarget {
  int position = 0;
  drive::Drive* drive = nullptr;
};

using SharedBuffer = std::shared_ptr<const base::AlignedBuffer>;

// A drive that fails, or is late by the deadline, gets nothing more and is told
// of by the context's on_failure; the others go on.
//
// Thread safety: one strand, one call at a time.
class SetFile {
 public:
  SetFile(const WriteContext& context, std::vector<SetFileTarget> targets,
          std::string path);

  // Creates the file, which must not exist.
  base::Task<> Create();

  // Appends `pieces[i]`, of one size, on the i-th target.
  base::Task<> Append(std::vector<SharedBuffer> pieces);

  // Appends the same piece on every target.
  base::Task<> AppendSame(SharedBuffer piece);

  // Makes it durable on every drive that has not failed.
  base::Task<> Seal();

  std::uint64_t size() const { return size_; }
  const std::string& path() const { return path_; }

  // The first failure of a drive; OK when all have everything.
  absl::Status status() const;

 private:
  struct Copy {
    SetFileTarget target;
    std::unique_ptr<drive::File> file;
    absl::Status status;
    bool is_pending = false;
    bool is_reported = false;
  };
  // What requests share with the one who waits: a late one ends by itself.
  struct Shared {
    explicit Shared(base::Executor& executor) : progress(executor) {}
    std::vector<Copy> copies;
    base::Signal progress;
  };
  using SharedPtr = std::shared_ptr<Shared>;
  // A request of one copy.
  using Step = std::function<base::Task<absl::Status>(SharedPtr, std::size_t)>;

  // Makes every copy that has not failed take the step, at the same time.
  base::Task<> Run(Step step);
  static base::Task<> RunOne(SharedPtr shared, std::size_t copy,
                             base::Task<absl::Status> step);
  bool IsPending() const;
  void GiveUpLate();
  void ReportFailures();

  const WriteContext& context_;
  SharedPtr shared_;
  std::string path_;
  std::uint64_t size_ = 0;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_SET_FILE_H_
