#include "format/checkpoint.h"

#include <algorithm>

#include "base/status.h"
#include "digest/checksum.h"
#include "format/byte_io.h"
#include "format/frame_header.h"

namespace cairn::format {
namespace {

constexpr std::uint32_t kMagic = 0x54414343;  // "CCAT"
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kAlignment = 4096;
constexpr std::size_t kHeaderSize = 4 + 2 + 2 + 8 + 16;
constexpr std::size_t kRunSize = 8 + 4 + 3 * 8 + 16;
constexpr std::size_t kPackSize = 8 + 8 + 4;

absl::Status Wrong(std::string_view field) {
  return base::Error(ErrorCode::kCorrupt, "catalogue: wrong {}", field);
}

template <typename T, typename PutOne>
void PutList(FieldAppender& fields, const std::vector<T>& list,
             PutOne put_one) {
  fields.Put(static_cast<std::uint32_t>(list.size()));
  for (const T& item : list) put_one(item);
}

// A count is believed only as far as the bytes for it are there.
template <typename T, typename GetOne>
bool GetList(FieldReader& fields, std::size_t item_size, std::vector<T>& list,
             GetOne get_one) {
  const auto count = fields.Get<std::uint32_t>();
  if (!fields.ok() || count > fields.remaining() / item_size) return false;
  list.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) list.push_back(get_one());
  return true;
}

void PutPosition(FieldAppender& fields, const LogPosition& position) {
  fields.Put(position.sequence);
  fields.Put(position.next_offset);
  fields.Put(position.hash);
}

LogPosition GetPosition(FieldReader& fields) {
  LogPosition position;
  position.sequence = fields.Get<std::uint64_t>();
  position.next_offset = fields.Get<std::uint64_t>();
  position.hash = fields.GetUuid();
  return position;
}

void PutRuns(FieldAppender& fields, const std::vector<RunFile>& runs) {
  PutList(fields, runs, [&](const RunFile& run) {
    fields.Put(run.id);
    fields.Put(run.file);
    fields.Put(run.from_sequence);
    fields.Put(run.to_sequence);
    fields.Put(run.size);
    fields.Put(run.digest);
  });
}

bool GetRuns(FieldReader& fields, std::vector<RunFile>& runs) {
  return GetList(fields, kRunSize, runs, [&] {
    RunFile run;
    run.id = fields.Get<std::uint64_t>();
    run.file = fields.Get<std::uint32_t>();
    run.from_sequence = fields.Get<std::uint64_t>();
    run.to_sequence = fields.Get<std::uint64_t>();
    run.size = fields.Get<std::uint64_t>();
    run.digest = fields.GetUuid();
    return run;
  });
}

void PutPacks(FieldAppender& fields, const std::vector<PackFile>& packs) {
  PutList(fields, packs, [&](const PackFile& pack) {
    fields.Put(pack.id);
    fields.Put(pack.size);
    fields.Put(pack.tile_count);
  });
}

bool GetPacks(FieldReader& fields, std::vector<PackFile>& packs) {
  return GetList(fields, kPackSize, packs, [&] {
    PackFile pack;
    pack.id = fields.Get<std::uint64_t>();
    pack.size = fields.Get<std::uint64_t>();
    pack.tile_count = fields.Get<std::uint32_t>();
    return pack;
  });
}

void PutMembers(FieldAppender& fields, const std::vector<base::Uuid>& members) {
  PutList(fields, members, [&](const base::Uuid& uuid) { fields.Put(uuid); });
}

bool GetMembers(FieldReader& fields, std::vector<base::Uuid>& members) {
  return GetList(fields, sizeof(base::Uuid), members,
                 [&] { return fields.GetUuid(); }) &&
         members.size() <= kDrivesMax;
}

std::vector<std::byte> EncodeContent(const Catalogue& catalogue) {
  std::vector<std::byte> bytes;
  FieldAppender fields(bytes);
  fields.Put(catalogue.changed_by);
  PutPosition(fields, catalogue.checkpoint);
  fields.Put(catalogue.epoch);
  PutMembers(fields, catalogue.members);
  PutRuns(fields, catalogue.runs);
  PutPacks(fields, catalogue.packs);
  return bytes;
}

absl::StatusOr<Catalogue> DecodeContent(base::Bytes bytes) {
  FieldReader fields(bytes);
  Catalogue catalogue;
  catalogue.changed_by = fields.Get<std::uint64_t>();
  catalogue.checkpoint = GetPosition(fields);
  catalogue.epoch = fields.Get<std::uint32_t>();
  if (!GetMembers(fields, catalogue.members)) return Wrong("members");
  if (!GetRuns(fields, catalogue.runs)) return Wrong("runs");
  if (!GetPacks(fields, catalogue.packs)) return Wrong("packs");
  if (!fields.ok() || fields.remaining() != 0) return Wrong("size");
  return catalogue;
}

std::uint64_t ChecksumIdentity(const base::Uuid& drive) {
  return digest::Identity({kMagic, drive.high, drive.low});
}

template <typename File>
void Remove(std::vector<File>& files, const std::vector<std::uint64_t>& ids) {
  std::erase_if(files, [&](const File& file) {
    return std::find(ids.begin(), ids.end(), file.id) != ids.end();
  });
}

// Runs lie newest first, and a run's files in the order of their keys.
bool IsNewer(const RunFile& a, const RunFile& b) {
  if (a.to_sequence != b.to_sequence) return a.to_sequence > b.to_sequence;
  if (a.id != b.id) return a.id > b.id;
  return a.file < b.file;
}

}  // namespace

Catalogue Apply(const Catalogue& before, const CatalogueChange& change,
                std::uint64_t sequence) {
  Catalogue after = before;
  after.changed_by = sequence;
  after.checkpoint = change.checkpoint;
  after.epoch = change.epoch;
  after.members = change.members;
  Remove(after.runs, change.removed);
  Remove(after.packs, change.removed);
  after.runs.insert(after.runs.end(), change.added_runs.begin(),
                    change.added_runs.end());
  std::sort(after.runs.begin(), after.runs.end(), IsNewer);
  after.packs.insert(after.packs.end(), change.added_packs.begin(),
                     change.added_packs.end());
  return after;
}

base::Uuid Digest(const Catalogue& catalogue) {
  return digest::Hash128(EncodeContent(catalogue));
}

std::vector<std::byte> Encode(const Catalogue& catalogue,
                              const base::Uuid& drive) {
  const std::vector<std::byte> content = EncodeContent(catalogue);
  std::vector<std::byte> bytes;
  FieldAppender fields(bytes);
  fields.Put(kMagic);
  fields.Put(kVersion);
  fields.Put(std::uint16_t{0});
  fields.Put(static_cast<std::uint64_t>(content.size()));
  fields.Put(drive);
  fields.PutBytes(content);
  fields.Put(digest::Checksum64(bytes, ChecksumIdentity(drive)));
  bytes.resize(base::AlignUp(bytes.size(), kAlignment));
  return bytes;
}

absl::StatusOr<Catalogue> DecodeCatalogue(base::Bytes bytes,
                                          const base::Uuid& drive) {
  FieldReader fields(bytes);
  if (fields.Get<std::uint32_t>() != kMagic) return Wrong("magic");
  const auto version = fields.Get<std::uint16_t>();
  if (!fields.GetZeros(2)) return Wrong("reserved bytes");
  const auto size = fields.Get<std::uint64_t>();
  const base::Uuid owner = fields.GetUuid();
  const base::Bytes content = fields.GetBytes(size);
  const auto checksum = fields.Get<std::uint64_t>();
  if (!fields.ok()) return Wrong("size");
  if (checksum != digest::Checksum64(bytes.first(kHeaderSize + size),
                                     ChecksumIdentity(owner))) {
    return Wrong("checksum");
  }
  if (version != kVersion) {
    return base::Error(ErrorCode::kNewerFormat,
                       "catalogue of version {}, this program knows {}",
                       version, kVersion);
  }
  if (owner != drive) {
    return base::Error(ErrorCode::kForeignDrive, "catalogue of drive {}",
                       base::ToString(owner));
  }
  if (bytes.size() % kAlignment != 0 || fields.remaining() >= kAlignment ||
      !fields.GetZeros(fields.remaining())) {
    return Wrong("padding");
  }
  return DecodeContent(content);
}

void EncodeChange(const CatalogueChange& change, std::vector<std::byte>& to) {
  FieldAppender fields(to);
  PutPosition(fields, change.checkpoint);
  fields.Put(change.epoch);
  PutMembers(fields, change.members);
  PutList(fields, change.removed, [&](std::uint64_t id) { fields.Put(id); });
  PutRuns(fields, change.added_runs);
  PutPacks(fields, change.added_packs);
}

absl::StatusOr<CatalogueChange> DecodeChange(base::Bytes bytes) {
  FieldReader fields(bytes);
  CatalogueChange change;
  change.checkpoint = GetPosition(fields);
  change.epoch = fields.Get<std::uint32_t>();
  if (!GetMembers(fields, change.members)) return Wrong("members");
  if (!GetList(fields, 8, change.removed,
               [&] { return fields.Get<std::uint64_t>(); })) {
    return Wrong("removed files");
  }
  if (!GetRuns(fields, change.added_runs)) return Wrong("added runs");
  if (!GetPacks(fields, change.added_packs)) return Wrong("added packs");
  if (!fields.ok() || fields.remaining() != 0) return Wrong("size of a change");
  return change;
}

}  // namespace cairn::format
