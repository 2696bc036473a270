// What an engine says of itself.

#ifndef CAIRN_LIB_ENGINE_INFO_H_
#define CAIRN_LIB_ENGINE_INFO_H_

#include "base/task.h"
#include "cairn/health.h"
#include "engine/parts.h"

namespace cairn::engine {

// Asks the drives for their space; one that does not say soon has none.
base::Task<EngineInfo> ReadInfo(Parts* parts);

}  // namespace cairn::engine

#endif  // CAIRN_LIB_ENGINE_INFO_H_
