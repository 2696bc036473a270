#include "format/tagged_fields.h"

#include <array>
#include <span>

#include "base/bytes.h"
#include "base/status.h"
#include "format/varint.h"

namespace cairn::format {

void AppendVarint(std::string& to, std::uint64_t value) {
  std::array<std::byte, kVarintSizeMax> bytes{};
  const std::byte* end = PutVarint(bytes.data(), value);
  to += base::AsText(std::span(std::as_const(bytes).data(), end));
}

std::optional<std::uint64_t> TakeVarint(std::string_view& from) {
  const base::Bytes bytes = base::AsBytes(from);
  std::uint64_t value = 0;
  const std::byte* end =
      GetVarint(bytes.data(), bytes.data() + bytes.size(), value);
  if (end == nullptr) return std::nullopt;
  from.remove_prefix(static_cast<std::size_t>(end - bytes.data()));
  return value;
}

void AppendField(std::string& to, const TaggedField& field) {
  AppendVarint(to, field.tag);
  AppendVarint(to, field.bytes.size());
  to += field.bytes;
}

std::optional<TaggedField> TaggedFieldReader::Next() {
  if (rest_.empty() || !ok_) return std::nullopt;
  const auto tag = TakeVarint(rest_);
  const auto size = TakeVarint(rest_);
  ok_ = tag.has_value() && size.has_value() && *size <= rest_.size() &&
        (!last_tag_.has_value() || *tag > *last_tag_);
  if (!ok_) return std::nullopt;
  last_tag_ = tag;
  const TaggedField field{.tag = *tag, .bytes = rest_.substr(0, *size)};
  rest_.remove_prefix(*size);
  return field;
}

absl::Status TaggedFieldReader::status() const {
  if (ok_) return absl::OkStatus();
  return base::Error(ErrorCode::kCorrupt, "the fields of a record are wrong");
}

absl::Status PassOver(const TaggedField& unknown) {
  if (!unknown.is_mandatory()) return absl::OkStatus();
  return base::Error(ErrorCode::kNewerFormat,
                     "a record has field {}, which this version does not know",
                     unknown.tag);
}

}  // namespace cairn::format
