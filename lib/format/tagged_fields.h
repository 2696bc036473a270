// Fields that records can gain without becoming unreadable. FORMAT.md,
// section 9.

#ifndef CAIRN_LIB_FORMAT_TAGGED_FIELDS_H_
#define CAIRN_LIB_FORMAT_TAGGED_FIELDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace cairn::format {

// An even tag is mandatory: a record that has it cannot be understood without
// knowing it. An odd one may be ignored.
struct TaggedField {
  std::uint64_t tag = 0;
  std::string_view bytes;  // borrowed

  bool is_mandatory() const { return tag % 2 == 0; }
};

void AppendVarint(std::string& to, std::uint64_t value);

// Takes a number off the front of `from`; nullopt, and `from` is as it was,
// when it does not begin with one as AppendVarint() writes it.
std::optional<std::uint64_t> TakeVarint(std::string_view& from);

// Appends `field`; tags ascend.
void AppendField(std::string& to, const TaggedField& field);

// Goes through the fields that a record ends with.
//
//   TaggedFieldReader fields(bytes);
//   while (const auto field = fields.Next()) ...
//   return fields.status();
class TaggedFieldReader {
 public:
  explicit TaggedFieldReader(std::string_view bytes) : rest_(bytes) {}

  // The next field; nullopt at the end, and where the bytes are wrong.
  std::optional<TaggedField> Next();

  // Errors: kCorrupt, when Next() met bytes that AppendField() does not write.
  absl::Status status() const;

 private:
  std::string_view rest_;
  std::optional<std::uint64_t> last_tag_;
  bool ok_ = true;
};

// What to do with a field that is not known: nothing, or kNewerFormat.
absl::Status PassOver(const TaggedField& unknown);

}  // namespace cairn::format

#endif  // CAIRN_LIB_FORMAT_TAGGED_FIELDS_H_
