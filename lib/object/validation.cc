#include "object/validation.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/status.h"

namespace cairn::object {
namespace {

constexpr std::size_t kBucketNameSizeMin = 3;
constexpr std::size_t kBucketNameSizeMax = 63;
constexpr std::size_t kQuotedSizeMax = 64;

constexpr std::array<std::string_view, 3> kReservedPrefixes = {
    "xn--", "sthree-", "amzn-s3-demo-"};
constexpr std::array<std::string_view, 5> kReservedSuffixes = {
    "-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetterOrDigit(char c) { return (c >= 'a' && c <= 'z') || IsDigit(c); }

bool IsControl(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// Four numbers of one to three digits, with dots between them.
bool LooksLikeIpv4(std::string_view name) {
  int dot_count = 0;
  int digit_count = 0;
  for (const char c : name) {
    if (c == '.') {
      ++dot_count;
      if (std::exchange(digit_count, 0) == 0) return false;
    } else if (!IsDigit(c) || ++digit_count > 3) {
      return false;
    }
  }
  return dot_count == 3 && digit_count > 0;
}

// The length of the character that `text` begins with; 0: it begins with none.
std::size_t CharacterSize(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i])
                           : static_cast<unsigned char>(0);
  };
  const auto continues = [&](std::size_t i) { return byte(i) >> 6 == 2; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4 || !continues(1)) return 0;
  if (first < 0xe0) return 2;
  const unsigned second = byte(1);
  if (!continues(2)) return 0;
  if (first == 0xe0 && second < 0xa0) return 0;  // overlong
  if (first == 0xed && second > 0x9f) return 0;  // surrogates
  if (first < 0xf0) return 3;
  if (!continues(3)) return 0;
  if (first == 0xf0 && second < 0x90) return 0;  // overlong
  if (first == 0xf4 && second > 0x8f) return 0;  // above U+10FFFF
  return 4;
}

// The characters of a token in HTTP, less capitals.
bool IsTokenCharacter(char c) {
  return IsLetterOrDigit(c) ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool IsFieldValue(std::string_view value) {
  return std::ranges::none_of(value, IsControl) && IsUtf8(value);
}

absl::Status TooLarge(std::string_view what, std::size_t size,
                      std::size_t size_max) {
  return base::Error(ErrorCode::kMetadataTooLarge,
                     "{} of {} bytes; {} are allowed", what, size, size_max);
}

}  // namespace

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = CharacterSize(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

bool IsBucketName(std::string_view name) {
  if (name.size() < kBucketNameSizeMin || name.size() > kBucketNameSizeMax) {
    return false;
  }
  const auto is_allowed = [](char c) {
    return IsLetterOrDigit(c) || c == '-' || c == '.';
  };
  if (!std::ranges::all_of(name, is_allowed)) return false;
  if (!IsLetterOrDigit(name.front()) || !IsLetterOrDigit(name.back()) ||
      name.find("..") != std::string_view::npos || LooksLikeIpv4(name)) {
    return false;
  }
  return std::ranges::none_of(
             kReservedPrefixes,
             [&](std::string_view word) { return name.starts_with(word); }) &&
         std::ranges::none_of(kReservedSuffixes, [&](std::string_view word) {
           return name.ends_with(word);
         });
}

absl::Status CheckKey(std::string_view key) {
  if (key.empty() || key.size() > kKeySizeMax) {
    return base::Error(ErrorCode::kInvalidKey,
                       "a key of {} bytes; 1 to {} are allowed", key.size(),
                       kKeySizeMax);
  }
  if (IsUtf8(key)) return absl::OkStatus();
  return base::Error(ErrorCode::kInvalidKey, "a key that is not UTF-8");
}

absl::Status CheckHeaders(const ContentHeaders& headers) {
  std::size_t size = 0;
  for (const std::string* value :
       {&headers.content_type, &headers.content_encoding,
        &headers.content_language, &headers.content_disposition,
        &headers.cache_control, &headers.expires}) {
    size += value->size();
    if (size > kContentHeadersSizeMax) {
      return TooLarge("content headers", size, kContentHeadersSizeMax);
    }
    if (!IsFieldValue(*value)) {
      return base::Error(ErrorCode::kInvalidArgument,
                         "a content header with control characters, or that "
                         "is not UTF-8");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckMetadata(const UserMetadata& metadata) {
  std::size_t size = 0;
  for (const auto& [name, value] : metadata) {
    size += name.size() + value.size();
    if (size > kUserMetadataSizeMax) {
      return TooLarge("user metadata", size, kUserMetadataSizeMax);
    }
    if (name.empty() || !std::ranges::all_of(name, IsTokenCharacter)) {
      return base::Error(ErrorCode::kInvalidArgument,
                         "the name of user metadata is no token in lower case");
    }
    if (!IsFieldValue(value)) {
      return base::Error(ErrorCode::kInvalidArgument,
                         "a value of user metadata with control characters, "
                         "or that is not UTF-8");
    }
  }
  return absl::OkStatus();
}

std::string_view Quoted(std::string_view text) {
  const auto end = std::ranges::find_if(text, IsControl);
  const auto size = static_cast<std::size_t>(end - text.begin());
  return text.substr(0, std::min(size, kQuotedSizeMax));
}

}  // namespace cairn::object
