// Looks after the files of open packs that are not written any more.

#ifndef CAIRN_LIB_SET_OPEN_PACK_CARE_H_
#define CAIRN_LIB_SET_OPEN_PACK_CARE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "base/task.h"
#include "format/open_pack.h"
#include "index/view.h"
#include "set/entries.h"
#include "set/large_blobs.h"
#include "set/set_drives.h"
#include "set/write_context.h"

namespace cairn::set {

// Borrowed, and outlives it.
struct OpenPackCareContext {
  const WriteContext& write;
  const SetDrives& drives;
  LargeBlobs& blobs;
  Entries& entries;
  // Makes the index say that the drive of a position lacks the shards of some
  // blobs, as far as somebody still names them.
  std::function<base::Task<absl::Status>(std::vector<format::BlobId> blobs,
                                         int position)>
      note_missing;
};

// Keeps true that a drive with a file of a pack has every slice in it that was
// sealed there, as far as its bytes are undamaged, but those of which the index
// says that the drive lacks them (`h`, set/index_key.h): so these entries and
// the presence of files tell what a drive lacks.
//
// Thread safety: one strand.
class OpenPackCare {
 public:
  explicit OpenPackCare(OpenPackCareContext context) : context_(context) {}

  // Gives the drive of a position the file of a pack, if it has none: with the
  // slices of all blobs that somebody names and that were sealed there. Those
  // that the other drives do not give, now or ever, are left out and noted.
  //
  // Errors: kUnavailable while the pack is open, and when the file went while
  //         it was made; those of making and filling a file, and of a commit.
  base::Task<absl::Status> GiveFile(format::OpenPackId pack, int position);

  // Gives the room of slices of one pack on one drive back.
  //
  // Errors: NotFound, kDriveFailed, kDriveFull.
  base::Task<absl::Status> Punch(format::OpenPackId pack,
                                 std::vector<format::Slice> slices,
                                 int position);

  // Gives back what nobody names of a pack of an ended epoch, while every drive
  // serves: its files, or what lies between its slices.
  enum class Tidied { kFilesStay, kFilesGone, kNoFiles };
  base::Task<absl::StatusOr<Tidied>> Tidy(format::OpenPackId pack);

 private:
  static constexpr std::size_t kPageSize = 32;

  // A page of the blobs that somebody names.
  struct Page {
    std::vector<StoredBlob> blobs;  // in the order of their places
    std::string last_key;           // to go on behind
    bool more = true;
  };
  base::Task<absl::StatusOr<Page>> ReadPage(format::OpenPackId pack,
                                            std::string after);
  // A file that is being made.
  struct Filling {
    int position = 0;
    std::shared_ptr<drive::File> file;
    std::vector<format::BlobId> left_out;
    absl::Duration waited;  // for the bytes of those
  };
  base::Task<absl::Status> MakeFile(format::OpenPackId pack, int position);
  base::Task<absl::Status> Fill(format::OpenPackId pack, Filling* filling);
  base::Task<absl::Status> FillOne(StoredBlob blob, Filling* filling);
  BlobContext SourcesOf(const Filling& filling) const;
  base::Task<absl::Status> PunchAll(format::OpenPackId pack,
                                    std::vector<format::Slice> slices);
  base::Task<absl::StatusOr<Tidied>> RemoveFiles(format::OpenPackId pack);
  absl::Status CheckWritable(int position) const;
  absl::Status Note(int position, absl::Status status) const;

  OpenPackCareContext context_;
};

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_OPEN_PACK_CARE_H_
