// Where new blobs of one stripe go.

#ifndef CAIRN_LIB_SET_OPEN_PACKS_H_
#define CAIRN_LIB_SET_OPEN_PACKS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"

#include "base/executor.h"
#include "base/mutex.h"
#include "format/open_pack.h"
#include "set/blob_context.h"
#include "set/open_pack.h"

namespace cairn::set {

// Hands out room in the open pack of the process, and begins another one when
// it is full or a drive failed in it. Room is never given twice: what is not
// used stays a hole.
//
// Thread safety: Take() from any thread, all else on the strand.
class OpenPacks {
 public:
  struct Options {
    base::Executor& executor;
    std::uint32_t epoch = 0;
    std::uint32_t random = 0;
    std::uint64_t pack_size = format::kOpenPackSizeMax;
    // The drives that are in service now.
    std::function<std::vector<BlobDrive>()> drives;
    // As BlobContext::is_writable.
    std::function<bool(int position)> is_writable = [](int) { return true; };
  };
  explicit OpenPacks(Options options) : options_(std::move(options)) {}
  OpenPacks(const OpenPacks&) = delete;
  OpenPacks& operator=(const OpenPacks&) = delete;

  struct Room {
    std::shared_ptr<OpenPack> pack;  // let go of on the strand
    format::Slice slice;
  };

  // nullopt: there is no pack that has room; MakeRoom() begins one. `size` is a
  // multiple of base::kDirectAlignment, at most Options::pack_size.
  std::optional<Room> Take(std::uint64_t size);
  Room MakeRoom(std::uint64_t size);

  // The pack gets no more slices: other drives are in service now.
  void Close();

  // Whether anybody may still write slices of the pack.
  bool IsOpen(const format::OpenPackId& id) const;

 private:
  void Begin();

  Options options_;
  std::uint32_t count_ = 0;                        // packs that were begun
  std::vector<std::weak_ptr<OpenPack>> unclosed_;  // some of them

  mutable base::Mutex mutex_;
  std::shared_ptr<OpenPack> pack_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t end_ ABSL_GUARDED_BY(mutex_) = 0;  // of what was given of it
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_OPEN_PACKS_H_
