// Long random lives of a set: clients, faults, crashes and openings with
// changing drives, from a seed, against a model.
//
// Each seed names `victims`, as many drives as the set promises to lose at any
// time (W - data). Only they lose what they had synced: rot, lying drives.
// Every drive may hang, be slow, fail writes and be away. In the end all faults
// stop and every drive comes back: then the set must open for writing, hold
// everything that was acknowledged, and go on.

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <iterator>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/status.h"
#include "cairn/status.h"
#include "set/member.h"
#include "support/figures.h"
#include "support/sim_blobs.h"
#include "support/sim_set.h"

namespace cairn::support {
namespace {

constexpr int kClientCount = 8;
constexpr int kKeysPerClient = 3;
constexpr int kReaderCount = 2;

// What a key may hold: the last acknowledged value, and the values behind it
// whose outcome is unknown, in order. Each key has one writer at a time.
struct KeyModel {
  using Values = std::vector<std::optional<std::string>>;

  Values possible = {std::nullopt};
  // Of reads that are under way: what may hold at some time while they are.
  std::list<Values> seen_by;

  void Begin(const std::optional<std::string>& value) {
    possible.push_back(value);
    for (Values& values : seen_by) values.push_back(value);
  }
};

struct Totals {
  std::uint64_t histories = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t unknown = 0;
  std::uint64_t reads = 0;
  std::uint64_t undecided_reads = 0;
  std::uint64_t openings = 0;
  std::uint64_t refused_openings = 0;
  std::uint64_t read_only_openings = 0;
  std::uint64_t crash_images = 0;
  std::uint64_t damages = 0;
  std::uint64_t replacements = 0;
  std::uint64_t checked_for_leaks = 0;
  set::SetCounters set;
};

class Simulation {
 public:
  Simulation(std::uint64_t seed, Totals& totals)
      : random_(seed), totals_(totals) {}

  void Run();

 private:
  void ChooseVictims();
  void Damage();
  bool MayComeBack(int drive) const;
  void MaybeReplace(SimProcess::Options& options);
  std::vector<int> ChooseReachable();
  void CheckFence(const Io& io, int drive, const Fate& fate);
  Fate FateOf(const Io& io);
  void LiveOnce();
  void RunClients(SimProcess& process);
  void CheckAll(SimProcess& process, bool everything_must_be_there);
  void CheckKey(SimProcess& process, const std::string& key, bool must);
  void EndWell();
  void CheckSameFiles(const std::vector<int>& reachable);
  void CheckBlobFiles(SimProcess& process, const std::vector<int>& reachable);
  void AddCounters(const set::LocalSet& set);

  static base::Task<> Client(Simulation* self, SimProcess* process, int id);
  static base::Task<> Reader(Simulation* self, SimProcess* process);
  std::optional<std::string> NewValue() {
    if (random_.OneIn(5)) return std::nullopt;
    const bool is_large = random_.OneIn(16);
    const char* large = random_.OneIn(3) ? "large file" : "large";
    return fmt::format("{} {}", is_large ? large : "value", ++value_);
  }
  std::string AnyKey(int client) {
    return fmt::format("{}-{}", client, random_.Choose(kKeysPerClient));
  }

  bool IsVictim(int drive) const { return victims_.contains(drive); }

  SeededRandom random_;
  Totals& totals_;
  set::Geometry geometry_;
  SetImage image_;
  std::set<int> victims_;
  std::map<int, int> position_of_;  // of drives that were added
  std::set<int> replaced_;          // drives that an order is to take out
  std::optional<set::Replacement> last_order_;
  std::set<int> failing_;  // in this life
  std::set<int> hanging_;
  std::set<int> slow_;
  std::map<int, absl::Time> failed_at_;
  const SimLoop* loop_ = nullptr;  // of this life's process
  bool faults_on_ = false;
  bool is_serving_ = false;  // else a read that hangs would hang the opening
  bool stop_ = false;
  int value_ = 0;
  std::map<std::string, KeyModel> model_;
};

// What a client does once to a key: `value` nullopt deletes it.
struct Change {
  std::string key;
  std::optional<std::string> value;
  bool has_blob = false;
  bool frees = false;  // what it replaces
};

base::Task<absl::Status> Make(set::LocalSet& set, Change change) {
  if (change.value.has_value() && IsLarge(*change.value)) {
    base::Task<absl::Status> put = PutLargeText(set, change.key, *change.value);
    co_return co_await put;
  }
  std::vector<std::byte> blob;
  storage::Batch batch;
  if (change.value.has_value()) {
    batch = PutText(set, change.key, *change.value,
                    change.has_blob ? &blob : nullptr);
  } else {
    batch.deletes.push_back({.key = change.key});
  }
  if (change.frees) {
    base::Task<absl::Status> free = AddFree(set, change.key, &batch);
    CAIRN_CO_RETURN_IF_ERROR(co_await free);
  }
  base::Task<absl::Status> commit = set.Commit(std::move(batch));
  co_return co_await commit;
}

constexpr set::Geometry kGeometries[] = {{1, 0}, {1, 1}, {2, 1},
                                         {2, 2}, {3, 2}, {4, 2}};

void Simulation::ChooseVictims() {
  const int count = geometry_.write_quorum() - geometry_.data;
  while (static_cast<int>(victims_.size()) < count) {
    victims_.insert(static_cast<int>(
        random_.Choose(static_cast<std::size_t>(geometry_.drive_count()))));
  }
}

// A drive that has failed a write or a sync is not written any more. A new
// catalogue that is on its way then is let come: it is atomic. What only takes
// away says nothing.
void Simulation::CheckFence(const Io& io, int drive, const Fate& fate) {
  if (!io.changes_drive() || io.kind == IoKind::kRemove ||
      io.kind == IoKind::kPunch) {
    return;
  }
  const auto failed = failed_at_.find(drive);
  EXPECT_TRUE(failed == failed_at_.end() || io.path == "catalogue.new" ||
              loop_->Steady() <= failed->second)
      << "drive " << drive << ", " << io.path << ", request "
      << static_cast<int>(io.kind);
  if (fate.kind == Fate::Kind::kFail || fate.kind == Fate::Kind::kFailAfter) {
    failed_at_.emplace(drive, loop_->Steady() + fate.latency);
  }
}

Fate Simulation::FateOf(const Io& io) {
  Fate fate;
  const int drive = std::stoi(std::string(io.drive));
  fate.latency = absl::Microseconds(20 + random_.Choose(200));
  if (!faults_on_) return fate;
  if (slow_.contains(drive)) fate.latency *= 1 + random_.Choose(2000);
  if (hanging_.contains(drive) && (io.changes_drive() || is_serving_) &&
      random_.OneIn(20)) {
    fate.kind = Fate::Kind::kHang;
  }
  // One that fails reads has what it holds all the same.
  if (failing_.contains(drive) && !io.changes_drive() && is_serving_ &&
      random_.OneIn(20)) {
    fate.kind = Fate::Kind::kFail;
  }
  if (failing_.contains(drive) && io.changes_drive() && random_.OneIn(10)) {
    fate.kind = random_.OneIn(2) ? Fate::Kind::kFail : Fate::Kind::kFailAfter;
  }
  if (IsVictim(drive) && failing_.contains(drive) && io.changes_drive() &&
      random_.OneIn(10)) {
    fate.kind = Fate::Kind::kLost;
  }
  CheckFence(io, drive, fate);
  return fate;
}

// With a replacement by half of the drives or less, the order states that the
// old drive never returns.
bool Simulation::MayComeBack(int drive) const {
  return !replaced_.contains(drive) ||
         2 * geometry_.replace_quorum() > geometry_.drive_count();
}

std::vector<int> Simulation::ChooseReachable() {
  std::vector<int> reachable;
  for (int i = 0; i < static_cast<int>(image_.drives.size()); ++i) {
    if (MayComeBack(i) && !random_.OneIn(8)) reachable.push_back(i);
  }
  if (reachable.empty()) reachable.push_back(0);
  return reachable;
}

// Orders a victim to be replaced by an empty drive, which becomes a victim.
void Simulation::MaybeReplace(SimProcess::Options& options) {
  if (victims_.empty() || !random_.OneIn(4)) return;
  const int victim =
      *std::next(victims_.begin(),
                 static_cast<std::ptrdiff_t>(random_.Choose(victims_.size())));
  if (replaced_.contains(victim)) return;
  const auto known = position_of_.find(victim);
  const int position = known == position_of_.end() ? victim : known->second;
  const int added = static_cast<int>(image_.drives.size());
  options.open.replacement = AddReplacement(image_, position, random_.Next());
  last_order_ = options.open.replacement;
  replaced_.insert(victim);
  victims_.insert(added);
  position_of_[added] = position;
  options.reachable.push_back(added);
  std::erase_if(options.reachable, [&](int i) { return !MayComeBack(i); });
  ++totals_.replacements;
}

// Rot in any file of a victim: its log, its catalogue, its runs and packs. Not
// in its identity: a drive that does not know who it is has to be replaced.
void Simulation::Damage() {
  for (const int victim : victims_) {
    if (!random_.OneIn(3)) continue;
    auto& files = image_.drives[static_cast<std::size_t>(victim)].files;
    const std::size_t flips = 1 + random_.Choose(8);
    for (std::size_t i = 0; i < flips && !files.empty(); ++i) {
      const auto chosen =
          std::next(files.begin(),
                    static_cast<std::ptrdiff_t>(random_.Choose(files.size())));
      FileImage& file = chosen->second;
      if (file.size() == 0 || chosen->first == set::kIdentityPath) continue;
      file.Flip(random_.Choose(file.size()),
                static_cast<int>(random_.Choose(8)));
      ++totals_.damages;
    }
  }
}

base::Task<> Simulation::Client(Simulation* self, SimProcess* process, int id) {
  set::LocalSet& set = process->set();
  while (!self->stop_) {
    const std::string key = self->AnyKey(id);
    KeyModel& model = self->model_[key];
    const std::optional<std::string> value = self->NewValue();
    const auto before = model.possible;
    model.Begin(value);
    base::Task<absl::Status> make =
        Make(set, {.key = key,
                   .value = value,
                   .has_blob = self->random_.OneIn(2),
                   .frees = self->random_.OneIn(2)});
    const absl::Status status = co_await make;
    if (self->random_.OneIn(40)) {
      base::Task<absl::Status> checkpoint = set.Checkpoint();
      base::IgnoreError(co_await checkpoint, "it may fail under faults");
    }
    if (status.ok()) {
      model.possible = {value};
      ++self->totals_.acknowledged;
    } else if (CodeOf(status) == ErrorCode::kOutcomeUnknown) {
      ++self->totals_.unknown;
      co_return;
    } else {
      model.possible = before;  // nothing changed
      co_return;
    }
  }
}

base::Task<> Pause(SimLoop& loop, absl::Duration time) {
  base::Signal over(loop);
  loop.PostAt(loop.Steady() + time, [&over] { over.Notify(); });
  co_await over;
}

// Reads next to the writers, through checkpoints that move what is read.
base::Task<> Simulation::Reader(Simulation* self, SimProcess* process) {
  while (!self->stop_) {
    const std::string key =
        self->AnyKey(static_cast<int>(self->random_.Choose(kClientCount)));
    KeyModel& model = self->model_[key];
    const auto possible =
        model.seen_by.insert(model.seen_by.end(), model.possible);
    base::Task<Found> read = ReadText(process->set(), key);
    const Found found = co_await read;
    if (found.status.ok()) {
      ++self->totals_.reads;
      EXPECT_THAT(*possible, testing::Contains(found.text)) << key;
    } else {
      const ErrorCode code = CodeOf(found.status);
      EXPECT_TRUE(code == ErrorCode::kUndecided ||
                  code == ErrorCode::kUnavailable)
          << key << ": " << found.status;
    }
    model.seen_by.erase(possible);
    // A read may be answered from memory, in no time.
    base::Task<> pause =
        Pause(process->loop(), absl::Microseconds(self->random_.Choose(2000)));
    co_await pause;
  }
}

void Simulation::CheckKey(SimProcess& process, const std::string& key,
                          bool must) {
  KeyModel& model = model_[key];
  const Found found = GetText(process, key);
  if (!found.status.ok()) {
    const ErrorCode code = CodeOf(found.status);
    ASSERT_FALSE(must) << key << ": " << found.status;
    ASSERT_TRUE(code == ErrorCode::kUndecided ||
                code == ErrorCode::kUnavailable)
        << key << ": " << found.status;
    ++totals_.undecided_reads;
    return;
  }
  const auto seen =
      std::find(model.possible.rbegin(), model.possible.rend(), found.text);
  ASSERT_TRUE(seen != model.possible.rend())
      << key << " holds " << found.text.value_or("nothing");
  if (process.set().is_read_only()) {
    // It decides nothing: a writer may yet adopt what it has no trace of.
    model.possible.erase(model.possible.begin(), std::prev(seen.base()));
  } else {
    model.possible = {found.text};
  }
}

void Simulation::CheckAll(SimProcess& process, bool must) {
  for (int client = 0; client < kClientCount; ++client) {
    for (int i = 0; i < kKeysPerClient; ++i) {
      CheckKey(process, fmt::format("{}-{}", client, i), must);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

void Simulation::RunClients(SimProcess& process) {
  stop_ = false;
  for (int i = 0; i < kClientCount; ++i) {
    process.scope().Spawn(Client(this, &process, i));
  }
  for (int i = 0; i < kReaderCount; ++i) {
    process.scope().Spawn(Reader(this, &process));
  }
  const std::uint64_t end =
      process.loop().step_count() + 50 + random_.Choose(3000);
  process.loop().RunUntil([&] { return process.loop().step_count() >= end; });
  stop_ = true;
  if (random_.OneIn(3)) {
    // A clean end: whatever can still finish does.
    faults_on_ = false;
    process.loop().RunUntil([&] { return process.scope().empty(); });
    process.Run(process.set().Close());
  }
}

void Simulation::AddCounters(const set::LocalSet& set) {
  const set::SetCounters counters = set.counters();
  totals_.set.commits.laps += counters.commits.laps;
  totals_.set.checkpoints.checkpoints += counters.checkpoints.checkpoints;
  totals_.set.checkpoints.merges += counters.checkpoints.merges;
  totals_.set.checkpoints.failures += counters.checkpoints.failures;
  totals_.set.rebuilt_reads += counters.rebuilt_reads;
  totals_.set.catch_ups.drives += counters.catch_ups.drives;
  totals_.set.catch_ups.with_files += counters.catch_ups.with_files;
  totals_.set.blobs.freed += counters.blobs.freed;
  totals_.set.blobs.healed += counters.blobs.healed;
  totals_.set.blobs.orphans += counters.blobs.orphans;
  totals_.set.replicas.fences += counters.replicas.fences;
  totals_.set.replicas.falls_behind += counters.replicas.falls_behind;
  totals_.set.replicas.stragglers += counters.replicas.stragglers;
}

void Simulation::LiveOnce() {
  SimProcess::Options options{.reachable = ChooseReachable()};
  MaybeReplace(options);
  failing_.clear();
  hanging_.clear();
  slow_.clear();
  for (int i = 0; i < static_cast<int>(image_.drives.size()); ++i) {
    if (random_.OneIn(5)) failing_.insert(i);
    if (random_.OneIn(8)) hanging_.insert(i);
    if (random_.OneIn(5)) slow_.insert(i);
  }
  faults_on_ = !random_.OneIn(3);
  options.seed = random_.Next();
  options.fates = [this](const Io& io) { return FateOf(io); };
  options.set.replicas.backlog_size_max = 16 << 10;
  options.set.replicas.write_deadline = absl::Milliseconds(200);
  SimProcess process(image_, random_, std::move(options));
  failed_at_.clear();
  loop_ = &process.loop();
  ++totals_.openings;
  is_serving_ = false;
  const bool cut_short = random_.OneIn(4);
  process.StartOpen();
  const std::uint64_t end = random_.Choose(200);
  process.loop().RunUntil([&] {
    return process.opened().has_value() ||
           (cut_short && process.loop().step_count() > end);
  });
  if (!process.opened().has_value()) return;
  if (!process.is_open()) {
    ++totals_.refused_openings;
    return;
  }
  totals_.read_only_openings += process.set().is_read_only() ? 1 : 0;
  CheckAll(process, false);
  is_serving_ = true;
  process.set().StartCare();
  if (testing::Test::HasFatalFailure()) return;
  RunClients(process);
  AddCounters(process.set());
}

void Simulation::EndWell() {
  faults_on_ = false;
  SimProcess::Options options{.seed = random_.Next()};
  for (int i = 0; i < static_cast<int>(image_.drives.size()); ++i) {
    if (MayComeBack(i)) options.reachable.push_back(i);
  }
  // The old drive is gone for good, so an order that failed is given again.
  if (last_order_.has_value() &&
      options.reachable.size() < image_.drives.size()) {
    options.open.replacement = last_order_;
  }
  const std::vector<int> reachable = options.reachable;
  SimProcess process(image_, random_, std::move(options));
  const absl::Status opened = process.Open();
  ASSERT_TRUE(opened.ok()) << opened;
  ASSERT_FALSE(process.set().is_read_only());
  CheckAll(process, true);
  if (testing::Test::HasFatalFailure()) return;
  std::vector<std::byte> blob;
  const auto put = process.Run(
      process.set().Commit(PutText(process.set(), "end", "well", &blob)));
  ASSERT_TRUE(put.has_value() && put->ok()) << put.value_or(absl::OkStatus());
  CheckBlobFiles(process, reachable);
  AddCounters(process.set());
}

bool AllServe(const set::LocalSet& set) {
  for (int p = 0; p < set.replicas().count(); ++p) {
    if (set.replicas().service(p) != set::Service::kCurrent) return false;
  }
  return true;
}

// Whatever was interrupted: in the end every drive has the files of the blobs
// that there are, and no others.
void Simulation::CheckBlobFiles(SimProcess& process,
                                const std::vector<int>& reachable) {
  process.set().StartCare();
  const absl::StatusOr<set::HealCounts> first = HealAll(process);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->unrecoverable, 0u);
  if (!AllServe(process.set())) return;
  EXPECT_EQ(first->postponed, 0u);
  const std::uint64_t orphans = process.set().counters().blobs.orphans;
  const absl::StatusOr<set::HealCounts> second = HealAll(process);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->healed, 0u);
  EXPECT_EQ(process.set().counters().blobs.orphans, orphans);
  process.loop().RunAll();
  ASSERT_TRUE(process.Run(process.set().Close()).has_value());
  CheckSameFiles(reachable);
  ++totals_.checked_for_leaks;
}

// The paths of files of large blobs and of open packs.
std::set<std::string> BlobPathsOf(const SimMedia& media) {
  std::set<std::string> paths;
  for (const auto& [path, file] : media.files) {
    if (path.starts_with("blobs/") || path.starts_with("open_packs/")) {
      paths.insert(path);
    }
  }
  return paths;
}

// Whether all slices of `has` are among `shards`.
bool HasSlicesOf(const std::vector<BlobShard>& shards,
                 const std::vector<BlobShard>& has) {
  return std::ranges::all_of(has, [&shards](const BlobShard& shard) {
    return shard.path.starts_with("blobs/") ||
           std::ranges::binary_search(shards, shard);
  });
}

// What a drive that is no victim has, all of them have. A victim lies and rots:
// it has the same files, and no shards but these. Of a position's drives one is
// the member; those that it replaced are left alone.
void Simulation::CheckSameFiles(const std::vector<int>& reachable) {
  std::set<int> equal_positions;
  const int honest = *std::ranges::find_if_not(
      reachable, [this](int drive) { return IsVictim(drive); });
  const SimMedia& wanted = image_.drives[static_cast<std::size_t>(honest)];
  const std::vector<BlobShard> shards = BlobShardsOf(wanted);
  for (const int drive : reachable) {
    const SimMedia& media = image_.drives[static_cast<std::size_t>(drive)];
    const std::vector<BlobShard> has = BlobShardsOf(media);
    const auto added = position_of_.find(drive);
    const int position = added == position_of_.end() ? drive : added->second;
    if (!IsVictim(drive)) {
      EXPECT_EQ(has, shards) << "drive " << drive;
    } else if (!HasSlicesOf(shards, has)) {
      continue;
    }
    if (BlobPathsOf(media) == BlobPathsOf(wanted)) {
      equal_positions.insert(position);
    }
  }
  EXPECT_EQ(static_cast<int>(equal_positions.size()), geometry_.drive_count());
}

void Simulation::Run() {
  geometry_ = kGeometries[random_.Choose(std::size(kGeometries))];
  SCOPED_TRACE(testing::Message() << geometry_.data << "+" << geometry_.parity);
  // Small logs, so that the ring laps and checkpoints are due all the time.
  image_ =
      FormatImage(geometry_, random_.Next(), kSimLogSize << random_.Choose(3));
  ChooseVictims();
  const std::size_t lives = 2 + random_.Choose(6);
  for (std::size_t life = 0; life < lives; ++life) {
    LiveOnce();
    if (testing::Test::HasFatalFailure()) return;
    image_.Crash(random_);
    ++totals_.crash_images;
    Damage();
  }
  EndWell();
  ++totals_.histories;
}

TEST(SetSimulationTest, EveryHistoryAgreesWithTheModelAndGoesOnInTheEnd) {
  const std::uint64_t seed = TestSeed(1);
  const std::uint64_t count = TestIterations(2000);
  Totals totals;
  for (std::uint64_t i = 0; i < count; ++i) {
    SCOPED_TRACE(testing::Message() << "history of seed " << seed + i);
    Simulation(seed + i, totals).Run();
    if (HasFatalFailure()) break;
  }
  AddFigure("histories", totals.histories);
  AddFigure("crash_images", totals.crash_images);
  AddFigure("damages", totals.damages);
  std::cout << fmt::format(
      "histories {} acknowledged {} reads {} unknown {} undecided {} "
      "openings {} refused {} read-only {} fences {} behind {} caught up {} "
      "({} with files) stragglers {} "
      "damages {} replacements {} laps {} checkpoints {} merges {} failed {} "
      "rebuilt {} blobs freed {} healed {} orphaned {} "
      "without leaks {}\n",
      totals.histories, totals.acknowledged, totals.reads, totals.unknown,
      totals.undecided_reads, totals.openings, totals.refused_openings,
      totals.read_only_openings, totals.set.replicas.fences,
      totals.set.replicas.falls_behind, totals.set.catch_ups.drives,
      totals.set.catch_ups.with_files, totals.set.replicas.stragglers,
      totals.damages, totals.replacements, totals.set.commits.laps,
      totals.set.checkpoints.checkpoints, totals.set.checkpoints.merges,
      totals.set.checkpoints.failures, totals.set.rebuilt_reads,
      totals.set.blobs.freed, totals.set.blobs.healed, totals.set.blobs.orphans,
      totals.checked_for_leaks);
  if (count < 1000) return;
  EXPECT_GT(totals.unknown, 0u);
  EXPECT_GT(totals.read_only_openings, 0u);
  EXPECT_GT(totals.set.replicas.fences, 0u);
  EXPECT_GT(totals.set.replicas.falls_behind, 0u);
  EXPECT_GT(totals.set.catch_ups.drives, 0u);
  EXPECT_GT(totals.set.catch_ups.with_files, 0u);
  EXPECT_GT(totals.set.replicas.stragglers, 0u);
  EXPECT_GT(totals.set.commits.laps, 0u);
  EXPECT_GT(totals.set.checkpoints.checkpoints, 0u);
  EXPECT_GT(totals.set.checkpoints.merges, 0u);
  EXPECT_GT(totals.set.checkpoints.failures, 0u);
  EXPECT_GT(totals.set.rebuilt_reads, 0u);
  EXPECT_GT(totals.checked_for_leaks, 0u);
  EXPECT_GT(totals.set.blobs.freed, 0u);
  EXPECT_GT(totals.set.blobs.healed, 0u);
  EXPECT_GT(totals.set.blobs.orphans, 0u);
}

}  // namespace
}  // namespace cairn::support
