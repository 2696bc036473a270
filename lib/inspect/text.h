// Values as text for people.

#ifndef CAIRN_LIB_INSPECT_TEXT_H_
#define CAIRN_LIB_INSPECT_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

#include "base/bytes.h"
#include "format/blob_id.h"
#include "format/entry.h"
#include "format/sector.h"

namespace cairn::inspect {

// How much of a text or of bytes is shown.
inline constexpr std::size_t kShownMax = 96;

// In quotes and in ASCII, what is not printable as \xNN; the first kShownMax
// bytes.
std::string Quote(std::string_view text);

// Without quotes, and all of it.
std::string ShowName(std::string_view name);

// In hexadecimal; the first kShownMax / 2 bytes.
std::string ShowBytes(base::Bytes bytes);

std::string ShowHex(std::uint64_t number);

// "1 frame", "2 frames".
std::string ShowCount(std::uint64_t count, std::string_view thing);

std::string ShowBlob(const format::BlobId& id);
std::string ShowPlace(const format::EntryBlob& blob);
std::string ShowEntry(const format::Entry& entry);
std::string ShowStamp(const format::Stamp& stamp);

// What is wrong, without the code.
std::string ShowError(const absl::Status& status);

}  // namespace cairn::inspect

#endif  // CAIRN_LIB_INSPECT_TEXT_H_
