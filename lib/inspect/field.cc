#include "inspect/field.h"

#include <algorithm>
#include <cstring>

#include "fmt/format.h"

#include "base/check.h"
#include "base/uuid.h"
#include "format/byte_io.h"
#include "inspect/text.h"

namespace cairn::inspect {
namespace {

std::string ShowUuid(base::Bytes bytes) {
  if (bytes.size() != sizeof(base::Uuid)) return ShowBytes(bytes);
  return base::ToString(format::FieldReader(bytes).GetUuid());
}

std::string ShowZeros(base::Bytes bytes) {
  const auto found = std::find_if(bytes.begin(), bytes.end(), [](auto byte) {
    return byte != std::byte{0};
  });
  if (found == bytes.end()) return "zero";
  return fmt::format("not zero from byte {} on", found - bytes.begin());
}

std::string Named(std::uint64_t number, std::string_view name) {
  return fmt::format("{} ({})", number, name);
}

std::string_view NameOfRole(std::uint64_t role) {
  switch (static_cast<format::DriveRole>(role)) {
    case format::DriveRole::kStore:
      return "store";
    case format::DriveRole::kWitness:
      return "witness";
  }
  return "unknown";
}

std::string_view NameOfEntryKind(std::uint64_t kind) {
  for (const EntryKind& known : kEntryKinds) {
    if (known.kind == kind) return known.name;
  }
  return "unknown";
}

}  // namespace

std::string_view NameOf(format::FrameKind kind) {
  switch (kind) {
    case format::FrameKind::kCommit:
      return "commit";
    case format::FrameKind::kOpening:
      return "opening";
    case format::FrameKind::kCheckpoint:
      return "checkpoint";
    case format::FrameKind::kEmpty:
      return "empty";
  }
  return "unknown";
}

std::uint64_t NumberOf(base::Bytes bytes) {
  std::uint64_t number = 0;
  CAIRN_CHECK(bytes.size() <= sizeof(number));
  if (!bytes.empty()) std::memcpy(&number, bytes.data(), bytes.size());
  return number;
}

std::string Show(FieldType type, base::Bytes bytes) {
  switch (type) {
    case FieldType::kNumber:
      return fmt::format("{}", NumberOf(bytes));
    case FieldType::kHex:
      return fmt::format("{:0{}x}", NumberOf(bytes), 2 * bytes.size());
    case FieldType::kText:
      return Quote(base::AsText(bytes));
    case FieldType::kUuid:
      return ShowUuid(bytes);
    case FieldType::kBytes:
      return ShowBytes(bytes);
    case FieldType::kZeros:
      return ShowZeros(bytes);
    case FieldType::kRole:
      return Named(NumberOf(bytes), NameOfRole(NumberOf(bytes)));
    case FieldType::kFrameKind:
      return Named(NumberOf(bytes),
                   NameOf(static_cast<format::FrameKind>(NumberOf(bytes))));
    case FieldType::kEntryKind:
      return Named(NumberOf(bytes), NameOfEntryKind(NumberOf(bytes)));
  }
  return ShowBytes(bytes);
}

std::uint64_t NumberIn(FieldTable table, std::string_view name,
                       base::Bytes bytes) {
  std::size_t offset = 0;
  for (const Field& field : table) {
    if (field.name == name) {
      if (offset + field.size > bytes.size()) return 0;
      return NumberOf(bytes.subspan(offset, field.size));
    }
    offset += field.size * field.count;
  }
  CAIRN_CHECK(false && "a field that the table has");
  return 0;
}

}  // namespace cairn::inspect
