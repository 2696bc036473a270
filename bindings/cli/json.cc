#include "cli/json.h"

namespace cairn::cli {

std::string ToText(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::string BytesToJson(std::string_view bytes) {
  std::string text;
  for (const char character : bytes) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x80) {
      text += character;
    } else {
      text += static_cast<char>(0xc0u | byte >> 6);
      text += static_cast<char>(0x80u | (byte & 0x3fu));
    }
  }
  return text;
}

}  // namespace cairn::cli
