// What the tests of golden bytes have in common.

#ifndef CAIRN_TESTS_GOLDEN_GOLDEN_H_
#define CAIRN_TESTS_GOLDEN_GOLDEN_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gtest/gtest.h"

#include "base/bytes.h"
#include "base/uuid.h"
#include "digest/hex.h"
#include "format/blob_id.h"

namespace cairn::format {

// Bytes in hexadecimal; between `front` and `back` zeros up to `size`.
struct Golden {
  std::string_view front;
  std::size_t size = 0;  // 0: there are none
  std::string_view back = {};
};

inline std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(
        std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

inline std::vector<std::byte> BytesOf(const Golden& golden) {
  std::string text = FromHex(golden.front);
  const std::string back = FromHex(golden.back);
  if (golden.size > 0) text.resize(golden.size - back.size());
  text += back;
  const base::Bytes bytes = base::AsBytes(text);
  return {bytes.begin(), bytes.end()};
}

inline void ExpectBytes(base::Bytes bytes, const Golden& golden) {
  const std::vector<std::byte> expected = BytesOf(golden);
  EXPECT_EQ(digest::ToHex(bytes), digest::ToHex(expected));
}

template <typename T>
void ExpectDecoded(const absl::StatusOr<T>& decoded, const T& expected) {
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, expected);
}

inline constexpr base::Uuid kDeployment{.high = 0x1112131415161718,
                                        .low = 0x191a1b1c1d1e1f10};
inline constexpr base::Uuid kDrive{.high = 0x2122232425262728,
                                   .low = 0x292a2b2c2d2e2f20};
inline constexpr base::Uuid kLog{.high = 0x3132333435363738,
                                 .low = 0x393a3b3c3d3e3f30};
inline constexpr base::Uuid kHash{.high = 0x4142434445464748,
                                  .low = 0x494a4b4c4d4e4f40};
inline constexpr BlobId kBlob{
    .epoch = 0x51525354, .random = 0x55565758, .counter = 0x595a5b5c5d5e5f50};

}  // namespace cairn::format

#endif  // CAIRN_TESTS_GOLDEN_GOLDEN_H_
