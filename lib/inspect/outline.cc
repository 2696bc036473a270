#include "inspect/outline.h"

#include "base/check.h"
#include "format/varint.h"

namespace cairn::inspect {

InspectItem Outline::ItemFrom(std::uint64_t begin, std::string name) const {
  return {.offset = layout_.FileOffset(begin),
          .size = offset_ - begin,
          .name = std::move(name)};
}

base::Bytes Outline::Take(std::string_view name, FieldType type,
                          std::uint64_t size) {
  if (size > end_ - offset_) {
    ok_ = false;
    size = end_ - offset_;
  }
  const std::uint64_t begin = offset_;
  const base::Bytes bytes = bytes_.subspan(begin, size);
  offset_ += size;
  Keep(begin, name, [&] { return Show(type, bytes); });
  return bytes;
}

base::Bytes Outline::Take(FieldTable table) {
  const std::uint64_t begin = offset_;
  for (const Field& field : table) {
    for (std::size_t i = 0; i < field.count; ++i) {
      const std::uint64_t at = offset_;
      Take(field.name, field.type, field.size);
      if (field.count > 1 && Covers(at)) {
        chain_.back().name += fmt::format(" {}", i);
      }
    }
  }
  return bytes_.subspan(begin, offset_ - begin);
}

std::uint64_t Outline::Number(std::string_view name, std::size_t size) {
  return NumberOf(Take(name, FieldType::kNumber, size));
}

std::uint64_t Outline::Varint(std::string_view name) {
  const std::byte* at = bytes_.data() + offset_;
  std::uint64_t number = 0;
  const std::byte* next = format::GetVarint(at, bytes_.data() + end_, number);
  const std::uint64_t begin = offset_;
  if (next == nullptr) {
    ok_ = false;
    TakeRest("bytes that do not decode", FieldType::kBytes);
    return 0;
  }
  offset_ += static_cast<std::uint64_t>(next - at);
  Keep(begin, name, [&] { return fmt::format("{}", number); });
  return number;
}

void Outline::Judge(bool is_valid) {
  if (!last_.has_value()) return;
  chain_[*last_].note = is_valid ? "checksum holds" : "wrong checksum";
  chain_[*last_].is_damaged = !is_valid;
}

std::vector<InspectItem> Outline::Finish() && {
  TakeRest("bytes that do not decode", FieldType::kBytes);
  return std::move(chain_);
}

InspectItem Nest(std::vector<InspectItem> chain) {
  CAIRN_CHECK(!chain.empty());
  InspectItem item = std::move(chain.back());
  for (std::size_t i = chain.size() - 1; i-- > 0;) {
    InspectItem outer = std::move(chain[i]);
    outer.parts.push_back(std::move(item));
    item = std::move(outer);
  }
  return item;
}

std::vector<InspectItem> OutlineOf(FieldTable table, base::Bytes bytes,
                                   std::uint64_t file_offset,
                                   std::uint64_t at) {
  Outline outline(bytes, {.begin = file_offset}, at - file_offset);
  outline.Take(table);
  return std::move(outline).Finish();
}

}  // namespace cairn::inspect
