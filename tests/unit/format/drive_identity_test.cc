// What a drive says of itself: read back, and refused where it cannot be.

#include "format/drive_identity.h"

#include <cstdint>
#include <cstring>
#include <vector>

#include "gtest/gtest.h"

#include "base/bytes.h"
#include "cairn/status.h"
#include "digest/checksum.h"

namespace cairn::format {
namespace {

constexpr std::uint32_t kMagic = 0x52494143;
constexpr std::size_t kChecksumOffset = 408;

DriveIdentity SomeIdentity() {
  return {
      .position = 1,
      .deployment = {.high = 1, .low = 2},
      .drive = {.high = 9, .low = 2},
      .log = {.high = 5, .low = 6},
      .pool = 7,
      .set = 8,
      .data_shards = 2,
      .parity_shards = 1,
      .log_size = 256 << 10,
      .members = {
          {.high = 9, .low = 1}, {.high = 9, .low = 2}, {.high = 9, .low = 3}}};
}

// What decoding says when the checksum holds for whatever else is wrong.
ErrorCode CodeOfForged(IdentityBlock block) {
  const std::uint64_t checksum = digest::Checksum64(
      base::Bytes(block).first(kChecksumOffset), digest::Identity({kMagic}));
  std::memcpy(block.data() + kChecksumOffset, &checksum, sizeof(checksum));
  return CodeOf(DecodeDriveIdentity(block).status());
}

TEST(DriveIdentityTest, ReadsBackWhatItWrote) {
  const auto identity = DecodeDriveIdentity(Encode(SomeIdentity()));
  ASSERT_TRUE(identity.ok()) << identity.status();
  EXPECT_EQ(*identity, SomeIdentity());
  EXPECT_EQ(CodeOfForged(Encode(SomeIdentity())), ErrorCode::kOk);
}

TEST(DriveIdentityTest, RefusesAGeometryThatIsNotThatOfItsMembers) {
  for (const auto& [data, parity] :
       std::vector<std::pair<std::uint32_t, std::uint32_t>>{
           {0, 3}, {2, 2}, {4, 0}, {0xffffffff, 4}, {2, 0xffffffff}}) {
    DriveIdentity identity = SomeIdentity();
    identity.data_shards = data;
    identity.parity_shards = parity;
    EXPECT_EQ(CodeOfForged(Encode(identity)), ErrorCode::kCorrupt)
        << data << " + " << parity;
  }
}

TEST(DriveIdentityTest, RefusesBytesBehindItsMembers) {
  for (std::size_t at = 88 + 3 * 16; at < kChecksumOffset; ++at) {
    IdentityBlock block = Encode(SomeIdentity());
    block[at] = std::byte{1};
    EXPECT_EQ(CodeOfForged(block), ErrorCode::kCorrupt) << "byte " << at;
  }
}

}  // namespace
}  // namespace cairn::format
