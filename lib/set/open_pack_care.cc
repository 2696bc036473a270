#include "set/open_pack_care.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "base/executor.h"
#include "base/status.h"
#include "drive/file_task.h"
#include "set/blob_heal.h"
#include "set/index_key.h"
#include "set/new_file.h"

namespace cairn::set {
namespace {

using FilePlace = std::shared_ptr<std::shared_ptr<drive::File>>;

// How long a slice is waited for, however many were late before.
constexpr absl::Duration kReadMin = absl::Milliseconds(100);

// The requests, each of which owns what it touches.
base::Task<absl::Status> OpenInto(drive::Drive* drive, std::string path,
                                  FilePlace into) {
  auto file = co_await drive::Open(*drive, std::move(path));
  if (!file.ok()) co_return file.status();
  *into = *std::move(file);
  co_return absl::OkStatus();
}

base::Task<absl::Status> CreateInto(drive::Drive* drive, std::string path,
                                    FilePlace into) {
  base::Task<absl::StatusOr<std::unique_ptr<drive::File>>> create =
      CreateNew(*drive, std::move(path));
  auto file = co_await create;
  if (!file.ok()) co_return file.status();
  *into = *std::move(file);
  co_return absl::OkStatus();
}

base::Task<absl::Status> PunchIn(drive::Drive* drive, std::string path,
                                 std::vector<format::Slice> slices) {
  auto file = co_await drive::Open(*drive, std::move(path));
  if (!file.ok()) co_return file.status();
  for (const format::Slice& slice : slices) {
    const absl::Status punched =
        co_await drive::Punch(**file, slice.offset, slice.size);
    if (!punched.ok()) co_return punched;
  }
  co_return absl::OkStatus();
}

base::Task<absl::Status> Sync(std::shared_ptr<drive::File> file) {
  co_return co_await drive::Sync(*file);
}

base::Task<absl::Status> Rename(drive::Drive* drive, std::string from,
                                std::string to) {
  co_return co_await drive::Rename(*drive, std::move(from), std::move(to));
}

// What lies before each of `blobs` and behind `end`, which it moves.
std::vector<format::Slice> GapsBefore(const std::vector<StoredBlob>& blobs,
                                      const format::OpenPackId& pack,
                                      std::uint64_t* end) {
  std::vector<format::Slice> gaps;
  for (const StoredBlob& blob : blobs) {
    const format::Slice slice = *format::SliceOf(blob.id);
    if (slice.offset > *end) {
      gaps.push_back(
          {.pack = pack, .offset = *end, .size = slice.offset - *end});
    }
    *end = std::max(*end, slice.end());
  }
  return gaps;
}

}  // namespace

absl::Status OpenPackCare::Note(int position, absl::Status status) const {
  if (CodeOf(status) == ErrorCode::kDriveFailed) {
    context_.write.on_failure(position);
  }
  return status;
}

absl::Status OpenPackCare::CheckWritable(int position) const {
  if (context_.write.is_writable(position)) return absl::OkStatus();
  return base::Error(ErrorCode::kDriveFailed,
                     "the drive of position {} has failed", position);
}

base::Task<absl::StatusOr<OpenPackCare::Page>> OpenPackCare::ReadPage(
    format::OpenPackId pack, std::string after) {
  base::Task<absl::StatusOr<index::ScanResult>> scan = context_.entries.Scan(
      context_.entries.Acquire(), {.prefix = PrefixOfPack(kBlobKey, pack),
                                   .after = std::move(after),
                                   .limit = kPageSize});
  CAIRN_CO_ASSIGN_OR_RETURN(const index::ScanResult found, co_await scan);
  Page page{.more = found.more && !found.records.empty()};
  for (const index::ScannedRecord& record : found.records) {
    page.last_key = record.key;
    const std::optional<format::BlobId> id = BlobOfKey(record.key);
    if (!id.has_value() || format::SliceOf(*id)->pack != pack) continue;
    CAIRN_CO_ASSIGN_OR_RETURN(const BlobEntry entry,
                              DecodeBlobEntry(record.value));
    page.blobs.push_back({.id = *id, .size = entry.size, .place = entry.place});
  }
  co_return page;
}

base::Task<absl::Status> OpenPackCare::GiveFile(format::OpenPackId pack,
                                                int position) {
  const auto file = std::make_shared<std::shared_ptr<drive::File>>();
  base::Task<absl::Status> open =
      Within(context_.write, OpenInto(context_.drives.at(position).drive,
                                      format::OpenPackPath(pack), file));
  const absl::Status opened = co_await open;
  if (!absl::IsNotFound(opened)) co_return Note(position, opened);
  if (context_.blobs.open_packs().IsOpen(pack)) {
    // Later, then.
    context_.blobs.open_packs().Close();
    co_return base::Error(ErrorCode::kUnavailable, "the pack is open");
  }
  base::Task<absl::Status> make = MakeFile(pack, position);
  const absl::Status made = Note(position, co_await make);
  if (!absl::IsNotFound(made)) co_return made;
  co_return base::Error(ErrorCode::kUnavailable, "the new file is gone");
}

base::Task<absl::Status> OpenPackCare::MakeFile(format::OpenPackId pack,
                                                int position) {
  drive::Drive* drive = context_.drives.at(position).drive;
  const std::string path = format::OpenPackPath(pack);
  const std::string temporary = path + ".new";
  base::Task<absl::Status> remove =
      RemoveWithin(context_.write, drive, temporary);
  const absl::Status removed = co_await remove;
  if (!removed.ok() && !absl::IsNotFound(removed)) co_return removed;
  CAIRN_CO_RETURN_IF_ERROR(CheckWritable(position));
  const auto file = std::make_shared<std::shared_ptr<drive::File>>();
  base::Task<absl::Status> create =
      Within(context_.write, CreateInto(drive, temporary, file));
  CAIRN_CO_RETURN_IF_ERROR(co_await create);
  Filling filling{.position = position, .file = *file};
  base::Task<absl::Status> fill = Fill(pack, &filling);
  CAIRN_CO_RETURN_IF_ERROR(co_await fill);
  // Before anybody can take the file for a whole one.
  base::Task<absl::Status> note =
      context_.note_missing(std::move(filling.left_out), position);
  CAIRN_CO_RETURN_IF_ERROR(co_await note);
  CAIRN_CO_RETURN_IF_ERROR(CheckWritable(position));
  base::Task<absl::Status> sync = Within(context_.write, Sync(*file));
  CAIRN_CO_RETURN_IF_ERROR(co_await sync);
  CAIRN_CO_RETURN_IF_ERROR(CheckWritable(position));
  base::Task<absl::Status> rename =
      Within(context_.write, Rename(drive, temporary, path));
  co_return co_await rename;
}

base::Task<absl::Status> OpenPackCare::Fill(format::OpenPackId pack,
                                            Filling* filling) {
  Page page;
  while (page.more) {
    base::Task<absl::StatusOr<Page>> read = ReadPage(pack, page.last_key);
    CAIRN_CO_ASSIGN_OR_RETURN(page, co_await read);
    for (const StoredBlob& blob : page.blobs) {
      if (!Contains(blob.place.sealed, filling->position)) continue;
      base::Task<absl::Status> fill = FillOne(blob, filling);
      CAIRN_CO_RETURN_IF_ERROR(co_await fill);
    }
  }
  co_return absl::OkStatus();
}

// A drive that hangs is not waited for in full with every slice.
BlobContext OpenPackCare::SourcesOf(const Filling& filling) const {
  BlobContext context = context_.blobs.HealingContext(filling.position);
  context.deadlines.read =
      std::max(kReadMin, context.deadlines.read - filling.waited);
  return context;
}

// A slice that the others do not give would keep all the rest from the drive.
base::Task<absl::Status> OpenPackCare::FillOne(StoredBlob blob,
                                               Filling* filling) {
  const int position = filling->position;
  const BlobDrive to{.position = position,
                     .drive = context_.drives.at(position).drive};
  const base::Clock& clock = context_.write.executor.clock();
  const absl::Time began = clock.Steady();
  base::Task<ShardFill> fill =
      FillSlice(SourcesOf(*filling), blob, to, filling->file);
  const ShardFill filled = co_await fill;
  if (!filled.sources.ok()) {
    filling->left_out.push_back(blob.id);
    filling->waited += clock.Steady() - began;
  }
  co_return filled.target;
}

base::Task<absl::Status> OpenPackCare::Punch(format::OpenPackId pack,
                                             std::vector<format::Slice> slices,
                                             int position) {
  base::Task<absl::Status> punch = Within(
      context_.write, PunchIn(context_.drives.at(position).drive,
                              format::OpenPackPath(pack), std::move(slices)));
  co_return co_await punch;
}

base::Task<absl::Status> OpenPackCare::PunchAll(
    format::OpenPackId pack, std::vector<format::Slice> slices) {
  if (slices.empty()) co_return absl::OkStatus();
  for (int p = 0; p < context_.drives.count(); ++p) {
    base::Task<absl::Status> punch = Punch(pack, slices, p);
    const absl::Status punched = Note(p, co_await punch);
    if (!punched.ok() && !absl::IsNotFound(punched)) co_return punched;
  }
  co_return absl::OkStatus();
}

base::Task<absl::StatusOr<OpenPackCare::Tidied>> OpenPackCare::RemoveFiles(
    format::OpenPackId pack) {
  Tidied tidied = Tidied::kNoFiles;
  for (int p = 0; p < context_.drives.count(); ++p) {
    base::Task<absl::Status> remove =
        RemoveWithin(context_.write, context_.drives.at(p).drive,
                     format::OpenPackPath(pack));
    const absl::Status removed = Note(p, co_await remove);
    if (removed.ok()) tidied = Tidied::kFilesGone;
    if (!removed.ok() && !absl::IsNotFound(removed)) co_return removed;
  }
  co_return tidied;
}

base::Task<absl::StatusOr<OpenPackCare::Tidied>> OpenPackCare::Tidy(
    format::OpenPackId pack) {
  Page page;
  std::uint64_t end = 0;
  while (page.more) {
    base::Task<absl::StatusOr<Page>> read = ReadPage(pack, page.last_key);
    CAIRN_CO_ASSIGN_OR_RETURN(page, co_await read);
    base::Task<absl::Status> punch =
        PunchAll(pack, GapsBefore(page.blobs, pack, &end));
    CAIRN_CO_RETURN_IF_ERROR(co_await punch);
  }
  if (end == 0) {
    base::Task<absl::StatusOr<Tidied>> remove = RemoveFiles(pack);
    co_return co_await remove;
  }
  // Slices end behind it too: they begin before kOpenPackSizeMax.
  const format::Slice rest{
      .pack = pack, .offset = end, .size = 2 * format::kOpenPackSizeMax - end};
  base::Task<absl::Status> punch = PunchAll(pack, {rest});
  CAIRN_CO_RETURN_IF_ERROR(co_await punch);
  co_return Tidied::kFilesStay;
}

}  // namespace cairn::set
