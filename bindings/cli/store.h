// The store that a command works on.

#ifndef CAIRN_BINDINGS_CLI_STORE_H_
#define CAIRN_BINDINGS_CLI_STORE_H_

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "absl/status/statusor.h"

#include "cairn/engine.h"

namespace cairn::cli {

struct StoreArguments {
  std::vector<std::string> drives;
  bool is_json = false;
};

// Lets `command` fill `arguments`, which must live as long.
void AddDriveOption(CLI::App& command, StoreArguments& arguments);
void AddJsonOption(CLI::App& command, StoreArguments& arguments);

// How a store is opened to read it: no drive is written, or formatted.
EngineOptions ForReading();

// How a store is opened to change it: no drive is formatted.
EngineOptions ForWriting();

// The same, but drives that are empty take the places of missing ones. Only
// for drives of which HasStore() is true: where all are empty it would create
// a store.
EngineOptions ForReplacing();

// Whether one of the drives of `arguments`, or of the environment, is
// formatted.
bool HasStore(const StoreArguments& arguments);

// Opens the store on the drives of `arguments`, or else on those that the
// environment names in CAIRN_DRIVES.
//
// Errors: kInvalidArgument where no drive is named; those of Engine::Open().
absl::StatusOr<std::unique_ptr<Engine>> OpenStore(
    const StoreArguments& arguments, EngineOptions options);

}  // namespace cairn::cli

#endif  // CAIRN_BINDINGS_CLI_STORE_H_
