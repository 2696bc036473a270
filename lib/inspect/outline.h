// The way to one byte: from a structure down to the field that holds it.

#ifndef CAIRN_LIB_INSPECT_OUTLINE_H_
#define CAIRN_LIB_INSPECT_OUTLINE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "base/bytes.h"
#include "cairn/inspect.h"
#include "inspect/field.h"

namespace cairn::inspect {

// How bytes lie in a file: from `begin` on, and if they are spread over units
// (sectors, blocks), `payload` bytes of them at the front of each.
struct Layout {
  std::uint64_t begin = 0;
  std::uint64_t payload = ~std::uint64_t{0};
  std::uint64_t unit = ~std::uint64_t{0};

  // Where byte `offset` of them lies in the file.
  std::uint64_t FileOffset(std::uint64_t offset) const {
    return begin + offset / payload * unit + offset % payload;
  }

  // Which of them lies at `file_offset`; nullopt for what stands behind the
  // payload of a unit.
  std::optional<std::uint64_t> OffsetOf(std::uint64_t file_offset) const {
    const std::uint64_t within = (file_offset - begin) % unit;
    if (within >= payload) return std::nullopt;
    return (file_offset - begin) / unit * payload + within;
  }
};

// Reads fields one after the other, as a decoder does, and keeps only those
// that hold the wanted byte. Never reads behind the end: a field that does not
// fit is cut, and nothing is repeated from then on.
//
// Lifetime: borrows `bytes`.
class Outline {
 public:
  Outline(base::Bytes bytes, Layout layout, std::uint64_t wanted)
      : bytes_(bytes), layout_(layout), wanted_(wanted), end_(bytes.size()) {}

  // Each of them returns the bytes or the number that was read.
  base::Bytes Take(std::string_view name, FieldType type, std::uint64_t size);
  base::Bytes Take(FieldTable table);
  std::uint64_t Number(std::string_view name, std::size_t size);
  std::uint64_t Varint(std::string_view name);

  // Takes up to `offset` or, when that is behind, nothing.
  void TakeUntil(std::string_view name, FieldType type, std::uint64_t offset) {
    if (offset > offset_) Take(name, type, offset - offset_);
  }
  void TakeRest(std::string_view name, FieldType type) {
    Take(name, type, end_ - offset_);
  }

  // A structure: the fields that `body` reads.
  template <typename Body>
  void Group(std::string_view name, Body body) {
    GroupAt({.name = name}, std::move(body));
  }

  // A structure of known size; `body` can read no further.
  template <typename Body>
  void Sized(std::string_view name, std::uint64_t size, Body body) {
    const std::uint64_t outer_end = end_;
    const bool fits = size <= end_ - offset_;
    end_ = fits ? offset_ + size : end_;
    Group(name, [&] {
      body();
      TakeRest("bytes that do not decode", FieldType::kBytes);
    });
    end_ = outer_end;
    ok_ = ok_ && fits;
  }

  // `count` structures; fewer when the bytes end.
  template <typename Body>
  void Repeat(std::string_view name, std::uint64_t count, Body body) {
    for (std::uint64_t i = 0; i < count && ok_ && offset_ < end_; ++i) {
      GroupAt({.name = name, .index = i}, body);
    }
  }

  // Says of what was read last, a field or a structure, whether its checksum
  // holds.
  void Judge(bool is_valid);

  // From the outermost to the innermost. Where nothing else holds the wanted
  // byte it does not decode.
  std::vector<InspectItem> Finish() &&;

 private:
  struct GroupName {
    std::string_view name;
    std::optional<std::uint64_t> index;
  };

  bool Covers(std::uint64_t begin) const {
    return begin <= wanted_ && wanted_ < offset_;
  }
  InspectItem ItemFrom(std::uint64_t begin, std::string name) const;

  // Keeps a field that began at `begin`, if it holds the wanted byte.
  template <typename MakeValue>
  void Keep(std::uint64_t begin, std::string_view name, MakeValue make_value) {
    last_.reset();
    if (!Covers(begin)) return;
    last_ = chain_.size();
    chain_.push_back(ItemFrom(begin, std::string(name)));
    chain_.back().value = make_value();
  }

  template <typename Body>
  void GroupAt(GroupName group, Body body) {
    const std::uint64_t begin = offset_;
    const std::size_t depth = chain_.size();
    body();
    last_.reset();
    if (!Covers(begin)) return;
    std::string name(group.name);
    if (group.index.has_value()) name += fmt::format(" {}", *group.index);
    chain_.insert(chain_.begin() + static_cast<std::ptrdiff_t>(depth),
                  ItemFrom(begin, std::move(name)));
    last_ = depth;
  }

  base::Bytes bytes_;
  Layout layout_;
  std::uint64_t wanted_;
  std::uint64_t end_;
  std::uint64_t offset_ = 0;
  bool ok_ = true;
  std::vector<InspectItem> chain_;
  std::optional<std::size_t> last_;  // in chain_; none when it was not kept
};

// Puts each of `chain` into the one before.
InspectItem Nest(std::vector<InspectItem> chain);

// The fields of one fixed structure at `file_offset`, as the way to byte `at`
// of the file.
std::vector<InspectItem> OutlineOf(FieldTable table, base::Bytes bytes,
                                   std::uint64_t file_offset, std::uint64_t at);

}  // namespace cairn::inspect

#endif  // CAIRN_LIB_INSPECT_OUTLINE_H_
