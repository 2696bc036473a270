#include "support/set_history.h"

#include <utility>
#include <vector>

#include "fmt/format.h"

#include "base/status.h"
#include "support/sim_blobs.h"

namespace cairn::support {
namespace {

constexpr int kKeyCount = 8;

absl::Status CommitNow(SimProcess& process, storage::Batch batch) {
  return process.Run(process.set().Commit(std::move(batch)))
      .value_or(absl::DeadlineExceededError("the commit hangs"));
}

}  // namespace

// Every key has rounds in which it is left alone, is put without a blob and
// with one, and is deleted.
absl::Status SetHistory::AddRound(SimProcess& process) {
  ++round_;
  for (int i = 0; i < kKeyCount; ++i) {
    const std::string key = fmt::format("key {}", i);
    const int turn = (round_ + i) % 5;
    if (turn > 2) continue;
    std::vector<std::byte> blob;
    storage::Batch batch;
    std::optional<std::string> text;
    if (turn == 0) {
      batch.deletes.push_back({.key = key});
    } else {
      text = fmt::format("round {}, key {}", round_, i);
      batch = PutText(process.set(), key, *text, turn == 1 ? nullptr : &blob);
    }
    CAIRN_RETURN_IF_ERROR(CommitNow(process, std::move(batch)));
    texts_[key] = text;
  }
  return absl::OkStatus();
}

absl::Status SetHistory::PutLarge(SimProcess& process, const std::string& key,
                                  const std::string& text) {
  CAIRN_RETURN_IF_ERROR(
      process.Run(PutLargeText(process.set(), key, text))
          .value_or(absl::DeadlineExceededError("the put hangs")));
  texts_[key] = text;
  return absl::OkStatus();
}

absl::Status SetHistory::Delete(SimProcess& process, const std::string& key) {
  storage::Batch batch;
  batch.deletes.push_back({.key = key});
  CAIRN_RETURN_IF_ERROR(process.Run(AddFree(process.set(), key, &batch))
                            .value_or(absl::DeadlineExceededError("it hangs")));
  CAIRN_RETURN_IF_ERROR(CommitNow(process, std::move(batch)));
  texts_[key] = std::nullopt;
  return absl::OkStatus();
}

absl::Status SetHistory::Check(SimProcess& process) const {
  for (const auto& [key, text] : texts_) {
    const Found found = GetText(process, key);
    if (!found.status.ok()) {
      return base::Annotate(found.status, key);
    }
    if (found.text != text) {
      return absl::InternalError(fmt::format("{} holds {}, not {}", key,
                                             found.text.value_or("nothing"),
                                             text.value_or("nothing")));
    }
  }
  return absl::OkStatus();
}

}  // namespace cairn::support
