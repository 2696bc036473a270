#include "object/continuation.h"

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/status.h"
#include "cairn/object.h"
#include "digest/checksum.h"
#include "digest/hex.h"
#include "format/byte_io.h"

namespace cairn::object {
namespace {

// Hexadecimal of: the version (1), the listing (8), the entry.
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kFixedSize = 1 + 8;

std::uint64_t IdentityOf(const ListingIdentity& listing) {
  const std::uint64_t prefix =
      digest::Checksum64(base::AsBytes(listing.prefix), 1);
  const std::uint64_t delimiter =
      digest::Checksum64(base::AsBytes(listing.delimiter), 2);
  return digest::Identity({listing.bucket, prefix, delimiter});
}

std::optional<int> DigitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return std::nullopt;
}

std::optional<std::string> FromHex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const auto high = DigitOf(hex[i]);
    const auto low = DigitOf(hex[i + 1]);
    if (!high.has_value() || !low.has_value()) return std::nullopt;
    bytes += static_cast<char>(*high * 16 + *low);
  }
  return bytes;
}

absl::Status Invalid() {
  return base::Error(ErrorCode::kInvalidContinuation,
                     "the continuation is not one of this listing");
}

}  // namespace

std::string EncodeContinuation(const ListingIdentity& listing,
                               std::string_view last) {
  std::string bytes(kFixedSize, '\0');
  format::FieldWriter fields(std::as_writable_bytes(std::span(bytes)));
  fields.Put(kVersion);
  fields.Put(IdentityOf(listing));
  bytes += last;
  return digest::ToHex(base::AsBytes(bytes));
}

absl::StatusOr<std::string> DecodeContinuation(const ListingIdentity& listing,
                                               std::string_view token) {
  if (token.size() > 2 * (kFixedSize + kKeySizeMax)) return Invalid();
  const std::optional<std::string> bytes = FromHex(token);
  if (!bytes.has_value()) return Invalid();
  format::FieldReader fields(base::AsBytes(*bytes));
  const auto version = fields.Get<std::uint8_t>();
  const auto identity = fields.Get<std::uint64_t>();
  std::string last = fields.GetText(fields.remaining());
  if (!fields.ok() || version != kVersion || identity != IdentityOf(listing) ||
      last.empty() || !last.starts_with(listing.prefix)) {
    return Invalid();
  }
  return last;
}

}  // namespace cairn::object
