#include "support/sim_set.h"

#include <numeric>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "set/local_store.h"
#include "set/member.h"
#include "support/sim_blobs.h"

namespace cairn::support {
namespace {

constexpr std::size_t kBlobSize = 1000;
// So little that most reads go to the drives.
constexpr std::uint64_t kCacheSize = 8 << 10;
// Reads of a record whose blob is moved under them.
constexpr int kAttempts = 4;

base::Task<> FormatOne(drive::Drive& drive, format::DriveIdentity identity) {
  const absl::Status status = co_await set::FormatDrive(drive, identity);
  CAIRN_CHECK(status.ok());
}

}  // namespace

void SetImage::PowerCut(Chooser& chooser) {
  for (SimMedia& drive : drives) drive.PowerCut(chooser);
}

void SetImage::EndProcess(Chooser& chooser) {
  for (SimMedia& drive : drives) drive.EndProcess(chooser);
}

void SetImage::Crash(SeededRandom& random) {
  if (random.OneIn(2)) {
    PowerCut(random);
  } else {
    EndProcess(random);
  }
}

SetImage FormatImage(set::Geometry geometry, std::uint64_t seed,
                     std::uint64_t log_size) {
  SeededRandom random(seed);
  InOrder order;
  SimLoop loop(order);
  SetImage image;
  image.drives.resize(static_cast<std::size_t>(geometry.drive_count()));
  const auto identities =
      set::NewIdentities({.geometry = geometry, .log_size = log_size}, random);
  base::TaskScope scope;
  std::vector<std::unique_ptr<SimDrive>> drives;
  for (std::size_t i = 0; i < image.drives.size(); ++i) {
    drives.push_back(std::make_unique<SimDrive>(
        SimDriveOptions{.media = &image.drives[i], .loop = &loop}));
    scope.Spawn(FormatOne(*drives.back(), identities[i]));
  }
  loop.RunAll();
  CAIRN_CHECK(scope.empty());
  return image;
}

namespace {

// Of any drive that still says who it is.
base::Task<> ReadAnyIdentity(
    const std::vector<std::unique_ptr<SimDrive>>* drives,
    std::optional<format::DriveIdentity>* identity) {
  for (const auto& drive : *drives) {
    const auto read = co_await set::ReadIdentity(*drive);
    if (read.ok() && read->has_value()) *identity = **read;
  }
}

}  // namespace

set::Replacement AddReplacement(SetImage& image, int position,
                                std::uint64_t seed) {
  SeededRandom random(seed);
  InOrder order;
  SimLoop loop(order);
  base::TaskScope scope;
  std::vector<std::unique_ptr<SimDrive>> drives;
  for (SimMedia& media : image.drives) {
    drives.push_back(std::make_unique<SimDrive>(
        SimDriveOptions{.media = &media, .loop = &loop}));
  }
  std::optional<format::DriveIdentity> member;
  scope.Spawn(ReadAnyIdentity(&drives, &member));
  loop.RunAll();
  CAIRN_CHECK(member.has_value());
  drives.clear();
  const format::DriveIdentity identity =
      set::ReplacementIdentity(*member, position, random);
  image.drives.emplace_back();
  SimDrive added({.media = &image.drives.back(), .loop = &loop});
  scope.Spawn(FormatOne(added, identity));
  loop.RunAll();
  CAIRN_CHECK(scope.empty());
  return {.position = position, .to = identity.drive};
}

SimProcess::SimProcess(SetImage& image, Chooser& chooser, Options options)
    : options_(std::move(options)),
      loop_(chooser),
      random_(options_.seed),
      cache_({.bytes_max = kCacheSize, .shard_count = 4}) {
  if (options_.set.blob_unit == 0) options_.set.blob_unit = kSimBlobUnit;
  options_.set.open_pack_size = kSimOpenPackSize;
  if (options_.reachable.empty()) {
    options_.reachable.resize(image.drives.size());
    std::iota(options_.reachable.begin(), options_.reachable.end(), 0);
  }
  for (const int place : options_.reachable) {
    drives_.push_back(std::make_unique<SimDrive>(
        SimDriveOptions{.name = std::to_string(place),
                        .media = &image.drives[static_cast<std::size_t>(place)],
                        .loop = &loop_,
                        .fates = options_.fates,
                        .bytes_total = options_.bytes_total}));
  }
}

SimProcess::~SimProcess() { loop_.Clear(); }

base::Task<> SimProcess::OpenTask() {
  std::vector<set::Member> members;
  for (const auto& drive : drives_) {
    const auto identity = co_await set::ReadIdentity(*drive);
    if (!identity.ok() || !identity->has_value()) continue;
    auto member = co_await set::OpenMember(*drive, **identity);
    if (member.ok()) members.push_back(*std::move(member));
  }
  if (members.empty()) {
    opened_ = base::Error(ErrorCode::kQuorumLost, "no drive can be used");
    co_return;
  }
  const set::SetEnvironment environment{.executor = loop_,
                                        .random = random_,
                                        .requests = requests_,
                                        .cache = cache_};
  auto set = co_await set::LocalSet::Open(environment, std::move(members),
                                          options_.open, options_.set);
  if (set.ok()) set_ = *std::move(set);
  opened_ = set.status();
}

void SimProcess::StartOpen() { scope_.Spawn(OpenTask()); }

absl::Status SimProcess::Open() {
  StartOpen();
  loop_.RunUntil([&] { return opened_.has_value(); });
  return opened_.value_or(absl::DeadlineExceededError("the opening hangs"));
}

void SimProcess::StartCommit(storage::Batch batch,
                             std::optional<absl::Status>& result) {
  static constexpr auto kCommit =
      [](set::LocalSet* set, storage::Batch body,
         std::optional<absl::Status>& into) -> base::Task<> {
    const absl::Status status = co_await set->Commit(std::move(body));
    into = status;
  };
  scope_.Spawn(kCommit(set_.get(), std::move(batch), result));
}

std::vector<std::byte> BlobOf(std::string_view text) {
  std::vector<std::byte> blob;
  while (blob.size() < kBlobSize) {
    const base::Bytes bytes = base::AsBytes(text);
    blob.insert(blob.end(), bytes.begin(), bytes.end());
  }
  return blob;
}

storage::Batch PutText(set::LocalSet& set, std::string_view key,
                       std::string_view text, std::vector<std::byte>* blob) {
  storage::Batch batch;
  batch.write_id = {.high = 1, .low = set.last_sequence() + 1};
  storage::Put put{.key = std::string(key), .value = std::string(text)};
  if (blob != nullptr) {
    *blob = BlobOf(text);
    put.blob = storage::SmallBlob{.id = set.NewBlobId(), .bytes = *blob};
  }
  batch.puts.push_back(std::move(put));
  return batch;
}

namespace {

std::vector<std::byte> BytesOf(std::string_view text) {
  return IsLarge(text) ? LargeBlobOf(text) : BlobOf(text);
}

}  // namespace

base::Task<Found> ReadText(set::LocalSet& set, std::string key) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    base::Task<absl::StatusOr<storage::ReadResult>> read = set.Read(
        {.keys = {key}, .expects_blobs = set.last_sequence() % 4 == 0});
    const absl::StatusOr<storage::ReadResult> result = co_await read;
    if (!result.ok()) co_return Found{.status = result.status()};
    const std::optional<storage::Record>& record = result->records[0];
    if (!record.has_value()) co_return Found();
    if (!record->blob.has_value()) co_return Found{.text = record->value};
    set::LocalStore store(set);
    std::vector<std::byte> blob(record->blob->size);
    base::Task<absl::Status> read_blob =
        store.Read(set::kPartition, *record->blob, 0, blob);
    const absl::Status blob_read = co_await read_blob;
    if (absl::IsNotFound(blob_read)) continue;
    if (!blob_read.ok()) co_return Found{.status = blob_read};
    if (blob != BytesOf(record->value)) {
      co_return Found{.status = absl::InternalError("wrong bytes")};
    }
    co_return Found{.text = record->value};
  }
  co_return Found{.status = absl::NotFoundError("the blob moves for ever")};
}

Found GetText(SimProcess& process, std::string_view key) {
  return process.Run(ReadText(process.set(), std::string(key)))
      .value_or(Found{.status = absl::DeadlineExceededError("the read hangs")});
}

}  // namespace cairn::support
