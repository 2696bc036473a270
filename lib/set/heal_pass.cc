#include "set/heal_pass.h"

#include <iterator>
#include <optional>
#include <utility>

#include "fmt/format.h"

#include "base/status.h"
#include "drive/file_task.h"
#include "format/blob_file.h"
#include "set/index_key.h"

namespace cairn::set {
namespace {

constexpr char kBlobs[] = "blobs";
constexpr char kOpenPacks[] = "open_packs";
// Of a file that is being healed, as blob_heal.h says.
constexpr std::string_view kNewSuffix = ".new";

// Those that there may be of blobs, as a drive lists them.
std::set<std::string> AllDirectories() {
  std::set<std::string> directories;
  for (int i = 0; i < format::kBlobDirectories; ++i) {
    directories.insert(fmt::format("{:02x}/", i));
  }
  return directories;
}

// What a directory of a drive holds.
base::Task<absl::StatusOr<std::vector<std::string>>> List(
    const WriteContext& context, drive::Drive* drive, std::string directory) {
  using Names = absl::StatusOr<std::vector<std::string>>;
  static constexpr auto kList =
      [](drive::Drive* from, std::string path,
         std::shared_ptr<Names> into) -> base::Task<absl::Status> {
    *into = co_await drive::List(*from, path);
    co_return into->status();
  };
  const auto names = std::make_shared<Names>(std::vector<std::string>());
  base::Task<absl::Status> list =
      Within(context, kList(drive, std::move(directory), names));
  CAIRN_CO_RETURN_IF_ERROR(co_await list);
  co_return *std::move(*names);
}

}  // namespace

std::vector<int> HealPass::ServingPositions() const {
  std::vector<int> positions;
  for (int p = 0; p < context_.drives.count(); ++p) {
    if (context_.blobs.IsServing(p)) positions.push_back(p);
  }
  return positions;
}

base::Task<absl::Status> HealPass::Begin() {
  format::Catalogue catalogue = context_.catalogue();
  runs_ = std::move(catalogue.runs);
  packs_ = std::move(catalogue.packs);
  base::Task<> list_packs = ListOpenPacks();
  co_await list_packs;
  base::Task<> list_directories = ListDirectories();
  co_await list_directories;
  is_begun_ = true;
  co_return absl::OkStatus();
}

base::Task<> HealPass::ListOpenPacks() {
  for (const int p : ServingPositions()) {
    base::Task<absl::StatusOr<std::vector<std::string>>> list =
        List(context_.write, context_.drives.at(p).drive, kOpenPacks);
    const absl::StatusOr<std::vector<std::string>> names = co_await list;
    if (!names.ok()) {
      NoteUnlisted();
      continue;
    }
    packs_listed_ |= SetOf(p);
    for (const std::string& name : *names) {
      std::string_view stem = name;
      const bool is_unfinished = stem.ends_with(kNewSuffix);
      if (is_unfinished) stem.remove_suffix(kNewSuffix.size());
      const auto id = format::OpenPackIdOf(stem);
      if (!id.has_value()) continue;  // Cairn gives no such names.
      OpenPackFiles& files = open_packs_[*id];
      (is_unfinished ? files.unfinished : files.present) |= SetOf(p);
    }
  }
  next_open_pack_ = open_packs_.begin();
}

base::Task<> HealPass::ListDirectories() {
  std::set<std::string> directories;
  for (const int p : ServingPositions()) {
    base::Task<absl::StatusOr<std::vector<std::string>>> list =
        List(context_.write, context_.drives.at(p).drive, kBlobs);
    const absl::StatusOr<std::vector<std::string>> names = co_await list;
    if (!names.ok()) {
      directories = AllDirectories();
      break;
    }
    for (const std::string& name : *names) {
      if (name.ends_with('/')) directories.insert(name);
    }
  }
  directories_.assign(directories.begin(), directories.end());
}

base::Task<absl::Status> HealPass::Step() {
  co_await base::OnStrand(context_.executor);
  base::Task<absl::Status> step = is_begun_ ? TakeStep() : Begin();
  const absl::Status taken = co_await step;
  if (taken.ok()) co_return taken;
  is_begun_ = true;
  done_ = total();
  co_return taken;
}

base::Task<absl::Status> HealPass::TakeStep() {
  if (done()) co_return absl::OkStatus();
  CAIRN_CO_RETURN_IF_ERROR(context_.committer.CheckWritable());
  base::Task<> take = context_.care.turn().Take();
  co_await take;
  base::Task<absl::Status> heal = HealStep(done_);
  absl::Status status = co_await heal;
  context_.care.turn().Give();
  ++done_;
  co_return status;
}

base::Task<absl::Status> HealPass::HealStep(std::uint64_t step) {
  if (step < runs_.size()) {
    base::Task<> heal = HealRun(runs_[step]);
    co_await heal;
    co_return absl::OkStatus();
  }
  step -= runs_.size();
  if (step < packs_.size()) {
    base::Task<> heal = HealPack(packs_[step]);
    co_await heal;
    co_return absl::OkStatus();
  }
  step -= packs_.size();
  if (step < open_packs_.size()) {
    const auto [pack, files] = *next_open_pack_++;
    base::Task<> heal = HealOpenPack(pack, files);
    co_await heal;
    co_return absl::OkStatus();
  }
  step -= open_packs_.size();
  base::Task<absl::Status> heal = HealDirectory(directories_[step]);
  co_return co_await heal;
}

// What this process writes is not for others to judge: it may be put yet.
base::Task<> HealPass::HealOpenPack(format::OpenPackId pack,
                                    OpenPackFiles files) {
  base::Task<> remove = RemoveUnfinished(
      format::OpenPackPath(pack).append(kNewSuffix), files.unfinished);
  co_await remove;
  OpenPackCare& care = context_.care.open_packs();
  const bool all_serve =
      std::ssize(ServingPositions()) == context_.drives.count();
  if (all_serve && pack.epoch < context_.committer.epoch()) {
    using Tidied = OpenPackCare::Tidied;
    base::Task<absl::StatusOr<Tidied>> tidy = care.Tidy(pack);
    const Tidied tidied = (co_await tidy).value_or(Tidied::kFilesStay);
    if (tidied == Tidied::kFilesGone) context_.care.CountOrphan();
    if (tidied != Tidied::kFilesStay) co_return;
  }
  for (int p = 0; p < context_.drives.count(); ++p) {
    if (!Lacks({.listed = packs_listed_, .present = files.present}, p)) {
      continue;
    }
    base::Task<absl::Status> give = care.GiveFile(pack, p);
    Note(co_await give);
  }
}

// What else it has is not known.
void HealPass::NoteUnlisted() {
  ++counts_.checked;
  ++counts_.postponed;
}

bool HealPass::Lacks(const Presence& presence, int position) {
  ++counts_.checked;
  if (!context_.blobs.IsServing(position) ||
      !Contains(presence.listed, position)) {
    ++counts_.postponed;
    return false;
  }
  return !Contains(presence.present, position);
}

void HealPass::Note(const absl::Status& healed) {
  if (healed.ok()) {
    ++counts_.healed;
  } else if (CodeOf(healed) == ErrorCode::kUnrecoverable) {
    ++counts_.unrecoverable;
  } else if (!absl::IsNotFound(healed)) {
    ++counts_.postponed;
  }
}

FillRequest HealPass::RequestFor(int position) const {
  FillRequest request{.codec = context_.codec,
                      .write = context_.write,
                      .deployment = context_.deployment,
                      .to = {.position = position,
                             .drive = context_.drives.at(position).drive}};
  for (int p = 0; p < context_.drives.count(); ++p) {
    drive::Drive* drive = context_.drives.at(p).drive;
    if (p == position || drive == nullptr) continue;
    request.peers.push_back({.position = p, .drive = drive});
  }
  return request;
}

base::Task<> HealPass::HealRun(format::RunFile run) {
  for (int p = 0; p < context_.drives.count(); ++p) {
    ++counts_.checked;
    if (!context_.blobs.IsServing(p)) {
      ++counts_.postponed;
      continue;
    }
    base::Task<absl::StatusOr<bool>> give = context_.give_run(p, run);
    const absl::StatusOr<bool> given = co_await give;
    if (!given.ok() || *given) Note(given.status());
  }
}

base::Task<> HealPass::HealPack(format::PackFile pack) {
  for (int p = 0; p < context_.drives.count(); ++p) {
    ++counts_.checked;
    if (!context_.blobs.IsServing(p)) {
      ++counts_.postponed;
      continue;
    }
    base::Task<absl::StatusOr<bool>> fill = FillPack(RequestFor(p), pack);
    const absl::StatusOr<bool> filled = co_await fill;
    if (!filled.ok() || *filled) Note(filled.status());
  }
}

void HealPass::AddNames(Census& census, int position,
                        const std::string& directory,
                        const std::vector<std::string>& names) {
  census.listed |= SetOf(position);
  for (const std::string& name : names) {
    std::string_view stem = name;
    const bool is_unfinished = stem.ends_with(kNewSuffix);
    if (is_unfinished) stem.remove_suffix(kNewSuffix.size());
    const std::optional<format::BlobId> id = format::BlobIdOf(stem);
    if (!id.has_value()) continue;  // Cairn gives no such names.
    if (is_unfinished) {
      std::string path = directory;
      path.append("/").append(name);
      census.unfinished[path] |= SetOf(position);
    } else {
      census.blobs[*id] |= SetOf(position);
    }
  }
}

base::Task<HealPass::Census> HealPass::Count(std::string directory) {
  directory = std::string(kBlobs) + "/" + directory;
  Census census;
  for (const int p : ServingPositions()) {
    base::Task<absl::StatusOr<std::vector<std::string>>> list =
        List(context_.write, context_.drives.at(p).drive, directory);
    const absl::StatusOr<std::vector<std::string>> names = co_await list;
    if (names.ok()) {
      AddNames(census, p, directory, *names);
    } else {
      NoteUnlisted();
    }
  }
  co_return census;
}

base::Task<absl::Status> HealPass::HealDirectory(std::string directory) {
  directory.pop_back();  // the '/'
  base::Task<Census> count = Count(std::move(directory));
  const Census census = co_await count;
  for (const auto& [path, positions] : census.unfinished) {
    base::Task<> remove = RemoveUnfinished(path, positions);
    co_await remove;
  }
  for (const auto& [id, present] : census.blobs) {
    base::Task<absl::StatusOr<std::optional<BlobEntry>>> find =
        context_.blobs.Find(id);
    const absl::StatusOr<std::optional<BlobEntry>> entry = co_await find;
    if (context_.care.is_stopping()) break;
    if (!entry.ok()) {
      ++counts_.postponed;
      continue;
    }
    base::Task<> handle =
        entry->has_value()
            ? HealBlob(id, {.listed = census.listed, .present = present})
            : RemoveIfOrphan(id);
    co_await handle;
  }
  co_return absl::OkStatus();
}

base::Task<> HealPass::RemoveUnfinished(std::string path,
                                        PositionSet positions) {
  for (int p = 0; p < context_.drives.count(); ++p) {
    if (!Contains(positions, p) || !context_.blobs.IsServing(p)) continue;
    base::Task<absl::Status> remove =
        RemoveWithin(context_.write, context_.drives.at(p).drive, path);
    const absl::Status removed = co_await remove;
    if (CodeOf(removed) == ErrorCode::kDriveFailed) {
      context_.write.on_failure(p);
    }
  }
}

base::Task<> HealPass::HealBlob(format::BlobId id, Presence presence) {
  for (int p = 0; p < context_.drives.count(); ++p) {
    if (!Lacks(presence, p)) continue;
    using Healed = BlobCare::Healed;
    base::Task<absl::StatusOr<Healed>> heal = context_.care.HealShard(id, p);
    const absl::StatusOr<Healed> healed = co_await heal;
    if (!healed.ok() || *healed == Healed::kMade) Note(healed.status());
  }
}

// What this process begins is not for others to judge: it may be put yet.
base::Task<> HealPass::RemoveIfOrphan(format::BlobId id) {
  if (id.epoch >= context_.committer.epoch()) co_return;
  base::Task<absl::StatusOr<std::optional<std::string>>> find =
      context_.entries.Find(KeyOfBlob(kFreedKey, id));
  const absl::StatusOr<std::optional<std::string>> freed = co_await find;
  if (!freed.ok() || freed->has_value()) co_return;
  base::Task<absl::Status> remove = context_.care.RemoveFiles(id);
  const absl::Status removed = co_await remove;
  if (removed.ok()) context_.care.CountOrphan();
}

}  // namespace cairn::set
