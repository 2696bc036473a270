#include "quickstart/read.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "quickstart/progress.h"
#include "quickstart/put.h"
#include "quickstart/workers.h"

namespace quickstart {
namespace {

constexpr std::size_t kPieceSize = std::size_t{256} << 10;

// The sizes of what is stored, by key.
using Sizes = std::map<std::string_view, std::uint64_t>;

Sizes SizesOf(const Session& session) {
  Sizes sizes;
  for (std::size_t i = 0; i < session.files.size(); ++i) {
    const Receipt& receipt = session.receipts[i];
    if (receipt.fate != Fate::kStored) continue;
    sizes.emplace(session.files[i].key, receipt.size);
  }
  return sizes;
}

absl::Status Wrong(std::string_view key, const char* what) {
  return absl::DataLossError(Show(key) + ": " + what);
}

// Compares a page with what is expected from `next` on.
absl::Status Compare(const cairn::ListPage& page, const Sizes& sizes,
                     Sizes::const_iterator& next) {
  for (const cairn::ObjectSummary& object : page.objects) {
    if (next == sizes.end() || object.key < next->first) {
      return Wrong(object.key, "is listed, but was not stored");
    }
    if (object.key != next->first) return Wrong(next->first, "is not listed");
    if (object.size != next->second)
      return Wrong(object.key, "has a wrong size");
    ++next;
  }
  return absl::OkStatus();
}

absl::StatusOr<Receipt> Digested(cairn::Engine& engine,
                                 const std::string& key) {
  const auto reader = engine.Get({.bucket = kBucket, .key = key}, {});
  if (!reader.ok()) return reader.status();
  Receipt receipt{.fate = Fate::kStored};
  Sha256 digest;
  std::vector<std::byte> piece(kPieceSize);
  while (true) {
    const auto size = (*reader)->Read(piece);
    if (!size.ok()) return size.status();
    if (*size == 0) break;
    digest.Update(std::span(piece).first(*size));
    receipt.size += *size;
  }
  receipt.digest = digest.Finish();
  return receipt;
}

absl::Status ReadOne(cairn::Engine& engine, const std::string& key,
                     const Receipt& stored) {
  const auto read = Digested(engine, key);
  if (!read.ok()) return read.status();
  if (read->size != stored.size || read->digest != stored.digest) {
    return Wrong(key, "its bytes are not those that were stored");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Work> ListAll(const Session& session) {
  const Sizes sizes = SizesOf(session);
  auto next = sizes.begin();
  cairn::ListOptions options;
  do {
    const auto page = session.engine->List(kBucket, options);
    if (!page.ok()) return page.status();
    absl::Status compared = Compare(*page, sizes, next);
    if (!compared.ok()) return compared;
    options.continuation = page->next;
  } while (!options.continuation.empty());
  if (next != sizes.end()) return Wrong(next->first, "is not listed");
  return session.Stored();
}

absl::StatusOr<Work> ReadAll(const Session& session) {
  Progress progress("read", session.files.size());
  absl::Status status =
      ForEach(session.files.size(), [&](std::size_t i) -> absl::Status {
        progress.Add();
        const Receipt& receipt = session.receipts[i];
        if (receipt.fate != Fate::kStored) return absl::OkStatus();
        return ReadOne(*session.engine, session.files[i].key, receipt);
      });
  if (!status.ok()) return status;
  return session.Stored();
}

}  // namespace quickstart
