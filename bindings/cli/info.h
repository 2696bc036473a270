// What is known of a store and its drives, as text and as JSON.

#ifndef CAIRN_BINDINGS_CLI_INFO_H_
#define CAIRN_BINDINGS_CLI_INFO_H_

#include <string>

#include "cairn/health.h"

namespace cairn::cli {

// Whether every drive serves.
bool IsWhole(const EngineInfo& info);

std::string RenderInfo(const EngineInfo& info);

std::string RenderInfoAsJson(const EngineInfo& info);

}  // namespace cairn::cli

#endif  // CAIRN_BINDINGS_CLI_INFO_H_
