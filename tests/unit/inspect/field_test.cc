// The tables of fields are those of the encoders: a member that changes changes
// the bytes of the field of its name, and of no other but the checksums.

#include "inspect/field.h"

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "digest/checksum.h"
#include "unit/inspect/samples.h"

namespace cairn::inspect {
namespace {

FileBytes Copy(base::Bytes bytes) { return {bytes.begin(), bytes.end()}; }

// The names of the fields in which two encodings differ.
std::set<std::string> Differences(FieldTable table, base::Bytes a,
                                  base::Bytes b) {
  std::set<std::string> names;
  std::size_t offset = 0;
  for (const Field& field : table) {
    for (std::size_t i = 0; i < field.count; ++i, offset += field.size) {
      const base::Bytes x = a.subspan(offset, field.size);
      const base::Bytes y = b.subspan(offset, field.size);
      if (Show(field.type, x) == Show(field.type, y)) continue;
      names.insert(std::string(field.name));
    }
  }
  return names;
}

// What no member of a structure stands for.
bool IsFixed(std::string_view name) {
  return name == "magic" || name == "version" || name == "zeros" ||
         name == "reserved" || name == "placement" ||
         name.ends_with("checksum");
}

template <typename T>
struct Change {
  std::string field;
  std::function<void(T&)> make;
};

template <typename T>
struct TableCase {
  FieldTable table;
  T original;
  std::function<FileBytes(const T&)> encode;
  std::vector<Change<T>> changes;
};

// Fields of the same name in several places are all right to change.
template <typename T>
void ExpectRight(const TableCase<T>& test) {
  const FileBytes original = test.encode(test.original);
  std::set<std::string> covered;
  for (const Change<T>& change : test.changes) {
    T changed = test.original;
    change.make(changed);
    std::set<std::string> names =
        Differences(test.table, original, test.encode(changed));
    EXPECT_TRUE(names.contains(change.field)) << change.field;
    covered.insert(change.field);
    names.erase(change.field);
    for (const std::string& name : names) {
      EXPECT_TRUE(name.ends_with("checksum")) << change.field << ": " << name;
    }
  }
  for (const Field& field : test.table) {
    EXPECT_TRUE(IsFixed(field.name) ||
                covered.contains(std::string(field.name)))
        << field.name << " is not tried";
  }
}

TEST(FieldTest, IdentityFieldsAreThoseOfTheEncoder) {
  using T = format::DriveIdentity;
  ExpectRight<T>(
      {.table = kIdentityFields,
       .original = DriveAt(1, set::kLogSizeMin),
       .encode = [](const T& x) { return Copy(format::Encode(x)); },
       .changes = {
           {"role", [](T& x) { x.role = format::DriveRole::kWitness; }},
           {"position", [](T& x) { x.position = 2; }},
           {"deployment", [](T& x) { x.deployment.low ^= 1; }},
           {"drive", [](T& x) { x.drive.high ^= 1; }},
           {"log", [](T& x) { x.log.low ^= 1; }},
           {"pool", [](T& x) { x.pool = 99; }},
           {"set", [](T& x) { x.set = 99; }},
           {"data_shards", [](T& x) { x.data_shards = 99; }},
           {"parity_shards", [](T& x) { x.parity_shards = 99; }},
           {"log_size", [](T& x) { x.log_size = 99; }},
           {"member", [](T& x) { x.members[2].low ^= 1; }},
           {"member_count", [](T& x) { x.members.push_back({}); }},
       }});
}

TEST(FieldTest, PromiseFieldsAreThoseOfTheEncoder) {
  using T = format::Promise;
  ExpectRight<T>({.table = kPromiseFields,
                  .original = {.epoch = 3, .log = {.high = 1, .low = 2}},
                  .encode = [](const T& x) { return Copy(format::Encode(x)); },
                  .changes = {
                      {"epoch", [](T& x) { x.epoch = 4; }},
                      {"log", [](T& x) { x.log.low = 9; }},
                  }});
}

TEST(FieldTest, StampFieldsAreThoseOfTheEncoder) {
  using T = format::Stamp;
  const auto encode = [](const T& stamp) {
    FileBytes sector(format::kSectorSize);
    format::PutStamp(sector, stamp, {.log = 1, .offset = 512});
    // The checksum of a stamp is called crc; it is not compared.
    FileBytes bytes = Copy(base::Bytes(sector).last(format::kStampSize));
    std::fill(bytes.begin() + 12, bytes.end(), std::byte{0});
    return bytes;
  };
  const FileBytes original = encode({.epoch = 3, .sequence = 4});
  EXPECT_EQ(
      Differences(kStampFields, original, encode({.epoch = 5, .sequence = 4})),
      std::set<std::string>{"epoch"});
  EXPECT_EQ(
      Differences(kStampFields, original, encode({.epoch = 3, .sequence = 5})),
      std::set<std::string>{"sequence"});
}

TEST(FieldTest, FrameHeaderFieldsAreThoseOfTheEncoder) {
  using T = format::FrameHeader;
  ExpectRight<T>(
      {.table = kFrameHeaderFields,
       .original = {.kind = format::FrameKind::kCommit},
       .encode = [](const T& x) { return Copy(format::Encode(x)); },
       .changes = {
           {"kind", [](T& x) { x.kind = format::FrameKind::kOpening; }},
           {"position", [](T& x) { x.position = 3; }},
           {"drive", [](T& x) { x.drive.low = 1; }},
           {"deployment", [](T& x) { x.deployment.low = 1; }},
           {"set", [](T& x) { x.set = 1; }},
           {"epoch", [](T& x) { x.epoch = 1; }},
           {"epoch_id", [](T& x) { x.epoch_id = 1; }},
           {"sequence", [](T& x) { x.sequence = 1; }},
           {"offset", [](T& x) { x.offset = 1; }},
           {"predecessor", [](T& x) { x.predecessor.high = 1; }},
           {"frame_size", [](T& x) { x.frame_size = 1; }},
           {"metadata_size", [](T& x) { x.metadata_size = 1; }},
           {"shards_size", [](T& x) { x.shards_size = 1; }},
           {"stripe_count", [](T& x) { x.stripe_count = 1; }},
           {"metadata_checksum", [](T& x) { x.metadata_checksum = 1; }},
           {"behind_since", [](T& x) { x.behind_since[19] = 1; }},
       }});
}

TEST(FieldTest, RunFooterFieldsAreThoseOfTheEncoder) {
  using T = format::RunFooter;
  ExpectRight<T>({.table = kRunFooterFields,
                  .original = {},
                  .encode = [](const T& x) { return Copy(format::Encode(x)); },
                  .changes = {
                      {"deployment", [](T& x) { x.id.deployment.low = 1; }},
                      {"set", [](T& x) { x.id.set = 1; }},
                      {"file", [](T& x) { x.id.file = 1; }},
                      {"run", [](T& x) { x.id.run = 1; }},
                      {"from_sequence", [](T& x) { x.from_sequence = 1; }},
                      {"to_sequence", [](T& x) { x.to_sequence = 1; }},
                      {"file_size", [](T& x) { x.file_size = 1; }},
                      {"record_count", [](T& x) { x.record_count = 1; }},
                      {"tombstone_count", [](T& x) { x.tombstone_count = 1; }},
                      {"key_bytes", [](T& x) { x.key_bytes = 1; }},
                      {"value_bytes", [](T& x) { x.value_bytes = 1; }},
                      {"block_count", [](T& x) { x.block_count = 1; }},
                      {"index_size", [](T& x) { x.index_size = 1; }},
                      {"filter_size", [](T& x) { x.filter_size = 1; }},
                      {"filter_lines", [](T& x) { x.filter_lines = 1; }},
                      {"index_checksum", [](T& x) { x.index_checksum = 1; }},
                      {"filter_checksum", [](T& x) { x.filter_checksum = 1; }},
                  }});
}

TEST(FieldTest, PackObjectFieldsAreThoseOfTheEncoder) {
  using T = format::PackObject;
  ExpectRight<T>({.table = kPackObjectFields,
                  .original = {.key = "a"},
                  .encode =
                      [](const T& x) {
                        FileBytes bytes(100);
                        format::PutPackObject(x, bytes);
                        return bytes;
                      },
                  .changes = {
                      {"key_size", [](T& x) { x.key = "ab"; }},
                      {"size", [](T& x) { x.size = 1; }},
                      {"blob_epoch", [](T& x) { x.blob.epoch = 1; }},
                      {"blob_random", [](T& x) { x.blob.random = 1; }},
                      {"blob_counter", [](T& x) { x.blob.counter = 1; }},
                      {"write_id", [](T& x) { x.write_id.low = 1; }},
                  }});
}

FileBytes EncodeTail(const format::BlobFooterTail& tail) {
  const base::AlignedBuffer footer = format::Encode(
      format::BlobFooter{.manifest = tail.manifest, .position = tail.position});
  return Copy(footer.bytes().last(format::kBlobFooterTailSize));
}

TEST(FieldTest, BlobTailFieldsAreThoseOfTheEncoder) {
  using T = format::BlobFooterTail;
  const auto shape = [](T& x) -> format::BlobShape& {
    return x.manifest.shape;
  };
  const auto name = [](T& x) -> format::BlobName& { return x.manifest.name; };
  ExpectRight<T>(
      {.table = kBlobTailFields,
       .original = {.manifest = {.shape = {.size = 5000,
                                           .unit = format::kBlobFrameSize,
                                           .data_shards = 2,
                                           .parity_shards = 1}}},
       .encode = EncodeTail,
       .changes = {
           {"data_shards", [&](T& x) { shape(x).data_shards = 3; }},
           {"parity_shards", [&](T& x) { shape(x).parity_shards = 2; }},
           {"unit", [&](T& x) { shape(x).unit *= 2; }},
           {"set", [&](T& x) { name(x).set = 1; }},
           {"deployment", [&](T& x) { name(x).deployment.low = 1; }},
           {"blob_epoch", [&](T& x) { name(x).id.epoch = 1; }},
           {"blob_random", [&](T& x) { name(x).id.random = 1; }},
           {"blob_counter", [&](T& x) { name(x).id.counter = 1; }},
           {"size", [&](T& x) { shape(x).size = 5001; }},
           {"table_digest", [](T& x) { x.manifest.table_digests[19].low = 1; }},
           {"position", [](T& x) { x.position = 1; }},
       }});
}

FileBytes EncodeStripe(const format::Stripe& stripe) {
  const FileBytes bytes = format::Encode(
      format::CommitMetadata{.stripes = {stripe}, .mutations = {}});
  return Copy(base::Bytes(bytes).subspan(4, SizeOf(kStripeFields)));
}

TEST(FieldTest, StripeFieldsAreThoseOfTheEncoder) {
  using T = format::Stripe;
  ExpectRight<T>({.table = kStripeFields,
                  .original = {.size = 5},
                  .encode = EncodeStripe,
                  .changes = {
                      {"blob_epoch", [](T& x) { x.blob.epoch = 1; }},
                      {"blob_random", [](T& x) { x.blob.random = 1; }},
                      {"blob_counter", [](T& x) { x.blob.counter = 1; }},
                      {"size", [](T& x) { x.size = 6; }},
                  }});
}

// The table of an entry's envelope, its blob and its place.
std::vector<Field> EntryTable(std::uint8_t kind) {
  std::vector<Field> table(kEntryFields.begin(), kEntryFields.end());
  for (const FieldTable part :
       {kEntryKinds[kind].blob, kEntryKinds[kind].place}) {
    table.insert(table.end(), part.begin(), part.end());
  }
  return table;
}

FileBytes EncodeEntry(const format::Entry& entry) {
  return Copy(base::AsBytes(format::Encode(entry)));
}

TEST(FieldTest, EntryFieldsAreThoseOfTheEncoder) {
  using T = format::Entry;
  std::vector<Change<T>> common = {
      {"write_id", [](T& x) { x.write_id.low = 77; }},
      {"blob_epoch", [](T& x) { x.blob->id.epoch = 77; }},
      {"blob_random", [](T& x) { x.blob->id.random = 77; }},
      {"blob_counter", [](T& x) { x.blob->id.counter = 77; }},
      {"blob_size", [](T& x) { x.blob->size = 77; }},
  };
  const auto log = [](T& x) -> format::LogPlace& {
    return std::get<format::LogPlace>(x.blob->place);
  };
  const auto pack = [](T& x) -> format::PackPlace& {
    return std::get<format::PackPlace>(x.blob->place);
  };
  const auto test = [&](std::uint8_t kind, format::Place place,
                        std::vector<Change<T>> changes) {
    changes.insert(changes.end(), common.begin(), common.end());
    std::vector<Field> table = EntryTable(kind);
    const FileBytes encoded = EncodeEntry(EntryWith(place));
    EXPECT_EQ(SizeOf(table) + std::string("value").size(), encoded.size());
    EXPECT_EQ(NumberIn(table, "kind", encoded), kind);
    table.erase(table.begin());
    ExpectRight<T>({.table = table,
                    .original = EntryWith(place),
                    .encode =
                        [](const T& x) {
                          const FileBytes bytes = EncodeEntry(x);
                          return Copy(base::Bytes(bytes).subspan(1));
                        },
                    .changes = std::move(changes)});
  };
  test(1, format::LogPlace{},
       {{"sequence", [&](T& x) { log(x).sequence = 77; }},
        {"stripe", [&](T& x) { log(x).stripe = 77; }}});
  test(2, format::PackPlace{},
       {{"pack", [&](T& x) { pack(x).pack = 77; }},
        {"column", [&](T& x) { pack(x).column = 77; }},
        {"offset", [&](T& x) { pack(x).offset = 77; }}});
  test(3, format::FilePlace{}, {});
}

}  // namespace
}  // namespace cairn::inspect
