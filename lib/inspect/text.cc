#include "inspect/text.h"

#include <algorithm>

#include "fmt/format.h"

#include "digest/hex.h"
#include "set/slice_file.h"

namespace cairn::inspect {
namespace {

std::string Cut(std::size_t size, std::size_t shown) {
  return shown < size ? fmt::format("... ({} bytes)", size) : "";
}

std::string ShowCharacter(char character) {
  if (character == '"' || character == '\\') {
    return {'\\', character};
  }
  if (character >= ' ' && character <= '~') return {character};
  return fmt::format("\\x{:02x}", static_cast<unsigned char>(character));
}

std::string ShowPlaceOf(const format::LogPlace& place, const format::BlobId&) {
  return fmt::format("the log, frame {}, stripe {}", place.sequence,
                     place.stripe);
}

std::string ShowPlaceOf(const format::PackPlace& place, const format::BlobId&) {
  if (place.pack == format::kLostPack) return "no pack: it was lost";
  return fmt::format("pack {:016x}, column {}, offset {}", place.pack,
                     place.column, place.offset);
}

std::string ShowPlaceOf(const format::FilePlace&, const format::BlobId& id) {
  return set::NameOfShard(id);
}

}  // namespace

std::string Quote(std::string_view text) {
  const std::size_t shown = std::min(text.size(), kShownMax);
  std::string quoted = "\"";
  for (const char character : text.substr(0, shown)) {
    quoted += ShowCharacter(character);
  }
  return quoted + "\"" + Cut(text.size(), shown);
}

std::string ShowName(std::string_view name) {
  std::string shown;
  for (const char character : name) shown += ShowCharacter(character);
  return shown;
}

std::string ShowBytes(base::Bytes bytes) {
  const std::size_t shown = std::min(bytes.size(), kShownMax / 2);
  return digest::ToHex(bytes.first(shown)) + Cut(bytes.size(), shown);
}

std::string ShowHex(std::uint64_t number) {
  return fmt::format("{:016x}", number);
}

std::string ShowCount(std::uint64_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

std::string ShowBlob(const format::BlobId& id) {
  return fmt::format("{}-{:08x}-{}", id.epoch, id.random, id.counter);
}

std::string ShowPlace(const format::EntryBlob& blob) {
  return std::visit(
      [&](const auto& place) { return ShowPlaceOf(place, blob.id); },
      blob.place);
}

std::string ShowEntry(const format::Entry& entry) {
  std::string text = fmt::format(
      "write {}, value {}", base::ToString(entry.write_id), Quote(entry.value));
  if (entry.blob.has_value()) {
    text += fmt::format(", blob {} of {} in {}", ShowBlob(entry.blob->id),
                        ShowCount(entry.blob->size, "byte"),
                        ShowPlace(*entry.blob));
  }
  return text;
}

std::string ShowStamp(const format::Stamp& stamp) {
  return fmt::format("epoch {}, sequence {}", stamp.epoch, stamp.sequence);
}

std::string ShowError(const absl::Status& status) {
  return std::string(status.message());
}

}  // namespace cairn::inspect
