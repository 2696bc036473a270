#include "cli/parse.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>

#include "absl/status/status.h"
#include "fmt/format.h"

namespace cairn::cli {
namespace {

std::optional<std::uint64_t> ParseNumber(std::string_view text) {
  std::uint64_t number = 0;
  const char* begin = text.data();
  const char* end = begin + text.size();
  const auto [rest, error] = std::from_chars(begin, end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

// A range of the form FIRST-LAST, FIRST- or -COUNT.
std::optional<ByteRange> RangeOf(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto before = ParseNumber(text.substr(0, dash));
  const auto after = ParseNumber(text.substr(dash + 1));
  const bool has_before = dash > 0;
  const bool has_after = dash + 1 < text.size();
  if (has_before != before.has_value() || has_after != after.has_value()) {
    return std::nullopt;
  }
  if (before && after) {
    if (*after < *before) return std::nullopt;
    return ByteRange::Between(*before, *after);
  }
  if (before) return ByteRange::From(*before);
  if (after) return ByteRange::Last(*after);
  return std::nullopt;
}

}  // namespace

ObjectName SplitName(std::string_view text) {
  const std::size_t slash = text.find('/');
  ObjectName name{.bucket = std::string(text.substr(0, slash))};
  if (slash != std::string_view::npos) name.key = text.substr(slash + 1);
  return name;
}

absl::StatusOr<ObjectName> ParseObjectName(std::string_view text) {
  ObjectName name = SplitName(text);
  if (name.key.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("\"{}\" names no object: say BUCKET/KEY", text));
  }
  return name;
}

absl::StatusOr<ByteRange> ParseRange(std::string_view text) {
  constexpr std::string_view kUnit = "bytes=";
  const std::string_view range =
      text.starts_with(kUnit) ? text.substr(kUnit.size()) : text;
  if (const auto parsed = RangeOf(range)) return *parsed;
  return absl::InvalidArgumentError(fmt::format(
      "\"{}\" is no range: say FIRST-LAST, FIRST- or -COUNT", text));
}

std::string IsCount(const std::string& text) {
  return text.starts_with('-') ? "is less than 0" : "";
}

}  // namespace cairn::cli
