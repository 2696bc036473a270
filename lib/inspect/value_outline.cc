#include "inspect/value_outline.h"

#include <array>
#include <cstdint>
#include <string_view>

#include "inspect/field.h"

namespace cairn::inspect {
namespace {

// As many as there are.
constexpr std::uint64_t kAll = ~std::uint64_t{0};

// A field of a record that may be absent.
struct TaggedField {
  std::uint64_t tag = 0;
  std::string_view name;
  FieldType type = FieldType::kText;
};

constexpr std::uint64_t kPartsTag = 4;
constexpr std::uint64_t kMetadataTag = 13;

constexpr std::array kObjectTags = std::to_array<TaggedField>({
    {1, "content_type"},
    {2, "body", FieldType::kBytes},
    {3, "content_encoding"},
    {5, "content_language"},
    {7, "content_disposition"},
    {9, "cache_control"},
    {11, "expires"},
});

void OutlineParts(Outline& outline) {
  outline.Take("id", FieldType::kUuid, sizeof(base::Uuid));
  outline.Varint("count");
}

void OutlineMetadata(Outline& outline) {
  outline.Repeat("pair", kAll, [&] {
    outline.Take("name", FieldType::kText, outline.Varint("name_size"));
    outline.Take("value", FieldType::kText, outline.Varint("value_size"));
  });
}

void OutlineObjectField(Outline& outline) {
  const std::uint64_t tag = outline.Varint("tag");
  const std::uint64_t size = outline.Varint("size");
  if (tag == kPartsTag) {
    return outline.Sized("parts", size, [&] { OutlineParts(outline); });
  }
  if (tag == kMetadataTag) {
    return outline.Sized("user_metadata", size,
                         [&] { OutlineMetadata(outline); });
  }
  for (const TaggedField& field : kObjectTags) {
    if (field.tag == tag) {
      outline.Take(field.name, field.type, size);
      return;
    }
  }
  outline.Take("unknown", FieldType::kBytes, size);
}

void OutlineObject(Outline& outline) {
  outline.Varint("size");
  outline.Repeat("field", kAll, [&] { OutlineObjectField(outline); });
}

// No field of these is known.
void OutlineUnknownFields(Outline& outline) {
  outline.Repeat("field", kAll, [&] {
    outline.Varint("tag");
    outline.Take("unknown", FieldType::kBytes, outline.Varint("size"));
  });
}

void OutlineNothing(Outline&) {}

// What the beginning of a key says of its value: fields, and more behind them.
struct ValueKind {
  std::string_view prefix;
  std::string_view name;
  FieldTable fields;
  void (*rest)(Outline&) = OutlineNothing;
};

constexpr std::array kValueKinds = std::to_array<ValueKind>({
    {"ro", "object", kObjectRecordFields, OutlineObject},
    {"rp", "part", kMarkFields},
    {"rn", "bucket", kBucketRecordFields, OutlineUnknownFields},
    {"c", "counter", kCounterFields},
    {"b", "files of a blob", kBlobEntryFields},
    {"g", "freed blob", kMarkFields},
    {"h", "shards to heal", kHealEntryFields},
});

}  // namespace

void OutlineValue(Outline& outline, std::string_view key) {
  for (const ValueKind& kind : kValueKinds) {
    if (!key.starts_with(kind.prefix)) continue;
    return outline.Group(kind.name, [&] {
      outline.Take(kind.fields);
      kind.rest(outline);
      outline.TakeRest("bytes that do not decode", FieldType::kBytes);
    });
  }
  outline.TakeRest("value", FieldType::kText);
}

}  // namespace cairn::inspect
