// What commands print with --json: one object, in ASCII.

#ifndef CAIRN_BINDINGS_CLI_JSON_H_
#define CAIRN_BINDINGS_CLI_JSON_H_

#include <string>
#include <string_view>

#include "nlohmann/json.hpp"

namespace cairn::cli {

// Members stand in the order in which they were added.
using Json = nlohmann::ordered_json;

// On one line, in ASCII. What is no UTF-8 becomes U+FFFD.
std::string ToText(const Json& json);

// A text of any bytes, such as a path: one that is not ASCII stands as the
// character U+0080 to U+00FF, as in the reports of `cairn inspect`.
std::string BytesToJson(std::string_view bytes);

}  // namespace cairn::cli

#endif  // CAIRN_BINDINGS_CLI_JSON_H_
