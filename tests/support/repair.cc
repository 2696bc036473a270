#include "support/repair.h"

#include <algorithm>
#include <string>
#include <utility>

#include "fmt/format.h"

#include "base/check.h"
#include "base/status.h"
#include "support/sim_blobs.h"

namespace cairn::support {
namespace {

// A drive that is slow is behind after a few rounds.
constexpr std::uint64_t kBacklogMax = 8 << 10;
constexpr int kRoundsMax = 40;

// One round of everything that a set may hold: small blobs and none, large ones
// with files and in open packs, some in place of others.
absl::Status AddAll(SetHistory& history, SimProcess& process, int round) {
  CAIRN_RETURN_IF_ERROR(history.AddRound(process));
  for (const char* kind : {"large file", "large"}) {
    for (const char* name : {"same", "own"}) {
      const std::string key =
          fmt::format("{} {} {}", kind, name, *name == 's' ? 0 : round);
      CAIRN_RETURN_IF_ERROR(
          history.PutLarge(process, key, fmt::format("{} {}", kind, round)));
    }
  }
  return absl::OkStatus();
}

absl::Status Checkpoint(SimProcess& process) {
  return process.Run(process.set().Checkpoint())
      .value_or(absl::DeadlineExceededError("the checkpoint hangs"));
}

void Must(const absl::Status& status) { CAIRN_CHECK(status.ok()); }

std::size_t CountIn(const SimMedia& media, std::string_view directory) {
  return static_cast<std::size_t>(std::ranges::count_if(
      media.files,
      [&](const auto& file) { return file.first.starts_with(directory); }));
}

base::Task<> CheckpointAlone(set::LocalSet* set) {
  base::Task<absl::Status> checkpoint = set->Checkpoint();
  base::IgnoreError(co_await checkpoint, "it is not to end");
}

// The first file of a directory.
auto FirstIn(SimMedia& media, std::string_view directory) {
  return std::ranges::find_if(media.files, [&](const auto& file) {
    return file.first.starts_with(directory);
  });
}

}  // namespace

std::ostream& operator<<(std::ostream& out, RepairKind kind) {
  static constexpr const char* kNames[] = {"opening", "replacement", "catch-up",
                                           "healing"};
  return out << kNames[static_cast<int>(kind)];
}

bool BrokenSet::may_lose_one() const {
  return geometry_.parity > 0 &&
         geometry_.write_quorum() < geometry_.drive_count();
}

// Rot is found where it is read: not in parity.
int BrokenSet::broken_drive() const {
  if (kind_ == RepairKind::kHealing) return 0;
  return static_cast<int>(image_.drives.size()) - 1;
}

BrokenSet::BrokenSet(RepairKind kind, set::Geometry geometry)
    : kind_(kind), geometry_(geometry), image_(FormatImage(geometry, 7)) {
  CAIRN_CHECK(kind == RepairKind::kOpening || may_lose_one());
  Live({}, 0);
  if (kind_ == RepairKind::kOpening) {
    SimProcess::Options options{.seed = 2};
    for (int i = 0; i < broken_drive(); ++i) options.reachable.push_back(i);
    if (!may_lose_one()) options.reachable.clear();
    Live(options, 1);
    InOrder order;
    SimProcess process(image_, order, options);
    LiveAndBreakOff(process);
  }
  if (kind_ == RepairKind::kHealing) LoseFiles();
  if (kind_ == RepairKind::kReplacement) {
    order_ = AddReplacement(image_, broken_drive(), 11);
  }
}

// Nobody looks after files meanwhile: what is freed stays.
void BrokenSet::Live(SimProcess::Options options, int round) {
  InOrder order;
  SimProcess process(image_, order, std::move(options));
  Must(process.Open());
  Must(AddAll(history_, process, 2 * round));
  Must(Checkpoint(process));
  Must(AddAll(history_, process, 2 * round + 1));
  Must(process.Run(process.set().Close()).value());
}

void BrokenSet::LiveAndBreakOff(SimProcess& process) {
  Must(process.Open());
  for (const char* text : {"large file, nobody's", "large, nobody's"}) {
    Must(process.Run(SealLargeText(process.set(), text))->status());
  }
  Must(history_.AddRound(process));
  const std::size_t packs = CountIn(image_.drives[0], "packs/");
  process.scope().Spawn(CheckpointAlone(&process.set()));
  CAIRN_CHECK(process.loop().RunUntil(
      [&] { return CountIn(image_.drives[0], "packs/") > packs; }));
}

// Of each kind a file is gone; what is left of large blobs rots.
void BrokenSet::LoseFiles() {
  SimMedia& media = image_.drives[static_cast<std::size_t>(broken_drive())];
  for (const char* directory : {"runs/", "packs/", "blobs/", "open_packs/"}) {
    media.files.erase(FirstIn(media, directory));
  }
  for (const BlobShard& shard : BlobShardsOf(media)) {
    media.files[shard.path].Flip(shard.offset + 100, 3);
  }
}

SimProcess::Options BrokenSet::options() const {
  SimProcess::Options options{.seed = 5};
  options.set.replicas.backlog_size_max = kBacklogMax;
  if (kind_ != RepairKind::kReplacement) return options;
  options.open.replacement = order_;
  for (int i = 0; i < geometry_.drive_count() - 1; ++i) {
    options.reachable.push_back(i);
  }
  options.reachable.push_back(broken_drive());
  return options;
}

RepairLife::RepairLife(const BrokenSet& broken, SetImage& image,
                       Chooser& chooser, Fates fates)
    : broken_(broken),
      history_(broken.history()),
      process_(image, chooser, OptionsFor(std::move(fates))) {}

SimProcess::Options RepairLife::OptionsFor(Fates fates) {
  SimProcess::Options options = broken_.options();
  options.fates = [this, fates = std::move(fates),
                   name =
                       std::to_string(broken_.broken_drive())](const Io& io) {
    Fate fate = fates(io);
    if (is_slow_ && io.drive == name && io.changes_drive()) {
      fate.latency = absl::Seconds(2);
    }
    return fate;
  };
  return options;
}

// Late only for so long: what is under way ends within the deadline.
absl::Status RepairLife::FallBehind() {
  process_.set().StartCare();
  cares_ = true;
  process_.loop().RunAll();
  is_slow_ = true;
  const int position = broken_.broken_drive();
  for (int i = 0; i < kRoundsMax; ++i) {
    CAIRN_RETURN_IF_ERROR(history_.AddRound(process_));
    if (process_.set().replicas().service(position) == set::Service::kBehind) {
      CAIRN_RETURN_IF_ERROR(AddAll(history_, process_, 2));
      CAIRN_RETURN_IF_ERROR(Checkpoint(process_));
      return AddAll(history_, process_, 3);
    }
  }
  return absl::InternalError("the drive does not fall behind");
}

absl::Status RepairLife::Approach() {
  if (broken_.kind() == RepairKind::kOpening ||
      broken_.kind() == RepairKind::kReplacement) {
    return absl::OkStatus();
  }
  CAIRN_RETURN_IF_ERROR(process_.Open());
  if (broken_.kind() == RepairKind::kCatchUp) return FallBehind();
  // Reading tells it of the rot.
  return history_.Check(process_);
}

bool RepairLife::Repair(std::uint64_t steps_max) {
  SimLoop& loop = process_.loop();
  is_slow_ = false;
  const std::uint64_t begin = loop.step_count();
  const auto is_over = [&] { return loop.step_count() - begin >= steps_max; };
  if (!process_.opened().has_value()) {
    process_.StartOpen();
    loop.RunUntil([&] { return process_.opened().has_value() || is_over(); });
  }
  if (process_.is_open() && !cares_) process_.set().StartCare();
  loop.RunUntil(is_over);
  return !is_over();
}

absl::Status CheckRepaired(const BrokenSet& broken, SetImage& image,
                           Chooser& chooser, CheckContents check) {
  CAIRN_RETURN_IF_ERROR(base::Annotate(
      EndWhole(image, chooser, broken.options(), check), "in the end"));
  SimProcess::Options options{.seed = 6,
                              .open = {.mode = set::OpenMode::kReadOnly}};
  options.reachable = {broken.broken_drive()};
  for (int i = 1; i < broken.geometry().data; ++i) {
    options.reachable.push_back(i);
  }
  SimProcess process(image, chooser, std::move(options));
  CAIRN_RETURN_IF_ERROR(process.Open());
  return base::Annotate(check(process), "from as few drives as there is data");
}

}  // namespace cairn::support
