// Numbers in the names of files.

#ifndef CAIRN_LIB_FORMAT_HEX_H_
#define CAIRN_LIB_FORMAT_HEX_H_

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>

namespace cairn::format {

// Reads a number of lower-case hexadecimal digits that fills `text`; false when
// it is none.
template <typename T>
bool GetHex(std::string_view text, T& value) {
  const bool is_lower = std::none_of(
      text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'F'; });
  const auto parsed = std::from_chars(text.begin(), text.end(), value, 16);
  return is_lower && parsed.ec == std::errc() && parsed.ptr == text.end();
}

}  // namespace cairn::format

#endif  // CAIRN_LIB_FORMAT_HEX_H_
