// Packs: blocks of payload, objects in them. FORMAT.md, section 7.

#include "format/pack.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

#include "base/status.h"
#include "inspect/field.h"
#include "inspect/file.h"
#include "inspect/text.h"

namespace cairn::inspect {
namespace {

using format::kColumnSizeMax;
using format::kPackBlockPayloadSize;
using format::kPackBlockSize;

// What the file's name and drive tell: its blocks are bound to it.
std::optional<format::PackBlockPlace> PlaceOf(const Subject& subject) {
  if (!subject.drive.has_value()) return std::nullopt;
  const std::string_view name = subject.final_name();
  format::PackBlockPlace place = {.deployment = subject.drive->deployment,
                                  .position = subject.drive->position};
  const auto [next, error] =
      std::from_chars(name.begin(), name.end(), place.pack, 16);
  if (next != name.end() || error != std::errc()) return std::nullopt;
  return place;
}

// A parity column holds no objects of its own.
bool IsParity(const Subject& subject) {
  return subject.drive.has_value() &&
         subject.drive->position >= subject.drive->data_shards;
}

// One column of a tile: its payload, and which of its blocks are damaged.
struct Column {
  std::uint64_t offset = 0;  // in the file
  std::vector<std::byte> payload;
  std::vector<bool> is_damaged;  // of each block
};

Layout ColumnLayout(std::uint64_t offset) {
  return {.begin = offset,
          .payload = kPackBlockPayloadSize,
          .unit = kPackBlockSize};
}

// Whole blocks only. Without a place every block is taken as it is.
absl::StatusOr<Column> ReadColumn(const Subject& subject,
                                  std::uint64_t offset) {
  const std::uint64_t size = std::min<std::uint64_t>(
      kColumnSizeMax,
      (subject.source.size() - offset) / kPackBlockSize * kPackBlockSize);
  std::vector<std::byte> bytes(size);
  CAIRN_RETURN_IF_ERROR(subject.source.Read(offset, bytes));
  auto place = PlaceOf(subject);
  Column column{.offset = offset};
  for (std::uint64_t at = 0; at < size; at += kPackBlockSize) {
    const base::MutableBytes block =
        base::MutableBytes(bytes).subspan(at, kPackBlockSize);
    const base::Bytes payload = block.first(kPackBlockPayloadSize);
    column.payload.insert(column.payload.end(), payload.begin(), payload.end());
    if (!place.has_value()) {
      column.is_damaged.push_back(false);
      continue;
    }
    place->block = (offset + at) / kPackBlockSize;
    column.is_damaged.push_back(!format::OpenBlocks(block, *place).ok());
  }
  return column;
}

struct FoundObject {
  std::uint64_t offset = 0;  // of its header in the column's payload
  format::PackObject object;

  std::uint64_t size() const {
    return format::PackedSize(object.key.size(), object.size);
  }
};

// The object whose header stands at `offset`; nullopt when none does, or when
// it does not fit.
std::optional<FoundObject> ObjectAt(base::Bytes payload, std::uint64_t offset) {
  const base::Bytes rest = payload.subspan(offset);
  auto object = format::GetPackObject(rest);
  if (!object.ok() || object->size > rest.size()) return std::nullopt;
  FoundObject found{.offset = offset, .object = *std::move(object)};
  if (found.size() > rest.size()) return std::nullopt;
  return found;
}

// Objects begin at multiples of 8, one behind the other. Behind a damaged
// header the next one is found by its own checksum.
class Objects {
 public:
  explicit Objects(base::Bytes payload) : payload_(payload) {}

  std::optional<FoundObject> Next() {
    for (; at_ + format::kPackObjectHeaderSize <= payload_.size(); at_ += 8) {
      auto found = ObjectAt(payload_, at_);
      if (!found.has_value()) continue;
      at_ += found->size();
      return found;
    }
    return std::nullopt;
  }

 private:
  base::Bytes payload_;
  std::uint64_t at_ = 0;
};

// Whether a damaged block holds any of the object.
bool IsDamaged(const Column& column, const FoundObject& found) {
  const std::uint64_t first = found.offset / kPackBlockPayloadSize;
  const std::uint64_t last =
      (found.offset + found.size() - 1) / kPackBlockPayloadSize;
  for (std::uint64_t i = first; i <= last; ++i) {
    if (column.is_damaged[i]) return true;
  }
  return false;
}

class PackReport {
 public:
  PackReport(const Subject& subject, Reporter& reporter)
      : subject_(subject), reporter_(reporter) {}

  absl::Status Run();

 private:
  void CheckBlocks(const Column& column);
  void TakeObjects(const Column& column);
  void AddFacts();

  const Subject& subject_;
  Reporter& reporter_;
  std::uint64_t columns_ = 0;
  std::uint64_t objects_ = 0;
  std::uint64_t bytes_ = 0;
};

absl::Status PackReport::Run() {
  const std::uint64_t size = subject_.source.size();
  const std::uint64_t whole = size / kPackBlockSize * kPackBlockSize;
  for (std::uint64_t at = 0; at < whole; at += kColumnSizeMax) {
    CAIRN_ASSIGN_OR_RETURN(const Column column, ReadColumn(subject_, at));
    ++columns_;
    CheckBlocks(column);
    if (!IsParity(subject_)) TakeObjects(column);
  }
  if (whole < size) {
    reporter_.AddDamage("block", "cut short", {whole, size - whole});
  }
  AddFacts();
  return absl::OkStatus();
}

void PackReport::CheckBlocks(const Column& column) {
  for (std::size_t i = 0; i < column.is_damaged.size(); ++i) {
    if (!column.is_damaged[i]) continue;
    const std::uint64_t offset = column.offset + i * kPackBlockSize;
    reporter_.AddDamage(fmt::format("block {}", offset / kPackBlockSize),
                        "wrong checksum", {offset, kPackBlockSize});
  }
}

void PackReport::TakeObjects(const Column& column) {
  Objects objects(column.payload);
  while (const auto found = objects.Next()) {
    ++objects_;
    bytes_ += found->object.size;
    if (!reporter_.WantsEntry()) continue;
    const bool is_damaged = IsDamaged(column, *found);
    reporter_.Add(
        {.offset = ColumnLayout(column.offset).FileOffset(found->offset),
         .size = found->size(),
         .name = "object",
         .value =
             fmt::format("{}, {}, blob {}, write {}", Quote(found->object.key),
                         ShowCount(found->object.size, "byte"),
                         ShowBlob(found->object.blob),
                         base::ToString(found->object.write_id)),
         .note = is_damaged ? "in a damaged block" : "",
         .is_damaged = is_damaged});
  }
}

void PackReport::AddFacts() {
  if (const auto place = PlaceOf(subject_); place.has_value()) {
    reporter_.Add("pack", ShowHex(place->pack));
    reporter_.Add("position", fmt::format("{}", place->position));
  } else {
    reporter_.Add("blocks",
                  "not checked: that takes the pack's own name and the "
                  "cairn.format of its drive");
  }
  reporter_.Add("tiles", fmt::format("{}", columns_));
  if (IsParity(subject_)) {
    reporter_.Add("objects", "none: this is a parity column");
    return;
  }
  reporter_.Add("objects",
                fmt::format("{}, {}", objects_, ShowCount(bytes_, "byte")));
}

Way ExplainObject(base::Bytes payload, const FoundObject& found, Layout layout,
                  std::uint64_t wanted) {
  Outline outline(payload, layout, wanted);
  outline.Take("before", FieldType::kBytes, found.offset);
  outline.Group("object", [&] {
    outline.Group("header", [&] {
      outline.Take(kPackObjectFields);
      outline.Take("key", FieldType::kText, found.object.key.size());
    });
    outline.Judge(true);
    outline.Take("bytes", FieldType::kBytes, found.object.size);
    outline.TakeUntil("padding", FieldType::kZeros,
                      found.offset + found.size());
  });
  return std::move(outline).Finish();
}

Way ExplainPayload(const Subject& subject, const Column& column,
                   std::uint64_t wanted) {
  const Layout layout = ColumnLayout(column.offset);
  if (IsParity(subject)) {
    return {{.offset = layout.FileOffset(wanted), .size = 1, .name = "parity"}};
  }
  Objects objects(column.payload);
  while (const auto found = objects.Next()) {
    if (wanted >= found->offset + found->size()) continue;
    if (wanted < found->offset) break;
    return ExplainObject(column.payload, *found, layout, wanted);
  }
  return {{.offset = layout.FileOffset(wanted),
           .size = 1,
           .name = "between objects"}};
}

}  // namespace

absl::Status ReportPack(const Subject& subject, Reporter& reporter) {
  return PackReport(subject, reporter).Run();
}

absl::StatusOr<Way> ExplainPack(const Subject& subject, std::uint64_t at) {
  const std::uint64_t offset = at / kColumnSizeMax * kColumnSizeMax;
  CAIRN_ASSIGN_OR_RETURN(const Column column, ReadColumn(subject, offset));
  const std::uint64_t number = (at - offset) / kPackBlockSize;
  const Extent extent{offset + number * kPackBlockSize, kPackBlockSize};
  if (number >= column.is_damaged.size()) {
    return Way{{.offset = extent.offset,
                .size = subject.source.size() - extent.offset,
                .name = "block",
                .note = "cut short",
                .is_damaged = true}};
  }
  const absl::Status status =
      column.is_damaged[number]
          ? base::Error(ErrorCode::kCorrupt, "pack block: wrong checksum")
          : absl::OkStatus();
  Way way = {Judged(fmt::format("block {}", extent.offset / kPackBlockSize),
                    extent, status)};
  if (!PlaceOf(subject).has_value()) way.front().note = "not checked";
  const auto wanted = ColumnLayout(offset).OffsetOf(at);
  if (wanted.has_value()) {
    return Join(std::move(way), ExplainPayload(subject, column, *wanted));
  }
  way.push_back({.offset = extent.offset + kPackBlockPayloadSize,
                 .size = kPackBlockSize - kPackBlockPayloadSize,
                 .name = "checksum"});
  return way;
}

}  // namespace cairn::inspect
