// The decoders of what object/ keeps: records, fields that may be added,
// continuations, counters. What they accept decodes from its own encoding to an
// equal value; without fields that are not known, to the same bytes.

#include <array>
#include <string>
#include <vector>

#include "format/bucket_record.h"
#include "format/object_record.h"
#include "format/tagged_fields.h"
#include "format/varint.h"
#include "fuzz/fuzzer.h"
#include "fuzz/hostile.h"
#include "object/continuation.h"
#include "set/group.h"

namespace cairn::fuzz {
namespace {

const format::ObjectHead kHead{.etag = {std::byte{1}, std::byte{2}},
                               .last_modified = absl::FromUnixMillis(1700),
                               .size = 3};

// Records that differ in where the bytes are.
std::string SomeObject(std::uint8_t kind) {
  format::ObjectRecord record{.head = kHead,
                              .headers = {.content_type = "text",
                                          .content_encoding = "gzip",
                                          .content_language = "de",
                                          .content_disposition = "inline",
                                          .cache_control = "no-store",
                                          .expires = "0"},
                              .metadata = {{"a", "1"}, {"b", ""}}};
  if (kind % 3 == 1) record.inline_body = "abc";
  if (kind % 3 == 2) record.parts = {{.id = {.high = 1, .low = 2}, .count = 3}};
  return format::Encode(record);
}

void FuzzObject(Input& input) {
  const std::string sample = SomeObject(input.Get<std::uint8_t>());
  const Hostile hostile = TakeHostile(input, sample);
  const auto head = Decoded(
      hostile, [&] { return format::DecodeObjectHead(hostile.text()); });
  const auto record = Decoded(
      hostile, [&] { return format::DecodeObjectRecord(hostile.text()); });
  CAIRN_CHECK(head.ok() || !record.ok());
  if (!record.ok()) return;
  CAIRN_CHECK(record->head == *head);
  const std::string again = format::Encode(*record);
  CAIRN_CHECK(again.size() <= hostile.bytes.size());
  CAIRN_CHECK(again.size() < hostile.bytes.size() || again == hostile.text());
  const auto decoded = format::DecodeObjectRecord(again);
  CAIRN_CHECK(decoded.ok() && *decoded == *record);
}

void FuzzBucket(Input& input) {
  static const std::string sample = format::Encode(format::BucketRecord{
      .id = 1, .created = absl::FromUnixMillis(1700), .home_set = 2});
  const Hostile hostile = TakeHostile(input, sample);
  const auto record = Decoded(
      hostile, [&] { return format::DecodeBucketRecord(hostile.text()); });
  if (!record.ok()) return;
  const std::string again = format::Encode(*record);
  CAIRN_CHECK(hostile.text().starts_with(again));
}

void FuzzFields(Input& input) {
  std::string sample;
  format::AppendField(sample, {.tag = 1, .bytes = "one"});
  format::AppendField(sample, {.tag = 300, .bytes = ""});
  const Hostile hostile = TakeHostile(input, sample);
  format::TaggedFieldReader fields(hostile.text());
  std::string again;
  while (const auto field = fields.Next()) {
    format::AppendField(again, *field);
    CAIRN_CHECK(format::PassOver(*field).ok() != field->is_mandatory());
  }
  CAIRN_CHECK(hostile.text().starts_with(again));
  CAIRN_CHECK(fields.status().ok() == (again == hostile.text()));
  CAIRN_CHECK(fields.status().ok() || !hostile.is_sample);
}

void FuzzVarint(Input& input) {
  std::string sample;
  format::AppendVarint(sample, ~std::uint64_t{0});
  const Hostile hostile = TakeHostile(input, sample);
  std::string_view rest = hostile.text();
  const auto value = format::TakeVarint(rest);
  CAIRN_CHECK(value.has_value() || !hostile.is_sample);
  const std::size_t taken = hostile.bytes.size() - rest.size();
  if (!value.has_value()) {
    CAIRN_CHECK(taken == 0);
    return;
  }
  std::string again;
  format::AppendVarint(again, *value);
  CAIRN_CHECK(again == hostile.text().substr(0, taken));
  CAIRN_CHECK(format::VarintSize(*value) == taken);
}

void FuzzContinuation(Input& input) {
  const bool has_prefix = input.Get<std::uint8_t>() % 2 != 0;
  const object::ListingIdentity listing{
      .bucket = 7, .prefix = has_prefix ? "photos/" : "", .delimiter = "/"};
  const std::string sample =
      object::EncodeContinuation(listing, "photos/a.jpg");
  const Hostile hostile = TakeHostile(input, sample);
  const auto last = Decoded(hostile, [&] {
    return object::DecodeContinuation(listing, hostile.text());
  });
  if (!last.ok()) return;
  CAIRN_CHECK(object::EncodeContinuation(listing, *last) == hostile.text());
  const object::ListingIdentity other{.bucket = 8, .prefix = listing.prefix};
  CAIRN_CHECK(!object::DecodeContinuation(other, hostile.text()).ok());
}

void FuzzCounter(Input& input) {
  const Hostile hostile = TakeHostile(input, set::EncodeCounter(-5));
  const std::int64_t value = set::DecodeCounter(hostile.text());
  if (hostile.bytes.size() != sizeof(value)) return;
  CAIRN_CHECK(set::EncodeCounter(value) == hostile.text());
}

constexpr std::array<Target, 6> kTargets = {FuzzObject,       FuzzBucket,
                                            FuzzFields,       FuzzVarint,
                                            FuzzContinuation, FuzzCounter};

}  // namespace

std::span<const Target> Targets() { return kTargets; }

}  // namespace cairn::fuzz
