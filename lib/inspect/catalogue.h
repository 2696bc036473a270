// What catalogues, checkpoints and drives show of the same lists.

#ifndef CAIRN_LIB_INSPECT_CATALOGUE_H_
#define CAIRN_LIB_INSPECT_CATALOGUE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "format/checkpoint.h"
#include "inspect/file.h"
#include "inspect/outline.h"
#include "inspect/reporter.h"

namespace cairn::inspect {

std::string ShowRunFile(const format::RunFile& run);
std::string ShowPackFile(const format::PackFile& pack);
std::string ShowPosition(const format::LogPosition& position,
                         std::uint32_t epoch);

// A table of members: a count and uuids, called `name`.
void OutlineMembers(Outline& outline, std::string_view name);

// A CatalogueChange, as it lies in a checkpoint's frame.
void OutlineChange(Outline& outline);

void AddCatalogueFacts(const format::Catalogue& catalogue, Reporter& reporter);

// Errors: kCorrupt, kNewerFormat, kForeignDrive; those of reading.
absl::StatusOr<format::Catalogue> ReadCatalogue(const Subject& subject);

}  // namespace cairn::inspect

#endif  // CAIRN_LIB_INSPECT_CATALOGUE_H_
