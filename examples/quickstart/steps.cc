#include "quickstart/steps.h"

#include <algorithm>
#include <array>
#include <iostream>
#include <set>
#include <thread>

#include "quickstart/killed_process.h"
#include "quickstart/progress.h"
#include "quickstart/put.h"
#include "quickstart/read.h"
#include "quickstart/workers.h"

namespace quickstart {
namespace {

absl::StatusOr<Work> Put(Session& session) {
  absl::Status killed = StoreUntilKilled(session);
  if (!killed.ok()) return killed;
  return session.Stored();
}

// Stores the files that nobody has acknowledged; returns which they were.
absl::StatusOr<std::vector<std::size_t>> PutUnknown(Session& session) {
  std::vector<std::size_t> unknown;
  for (std::size_t i = 0; i < session.files.size(); ++i) {
    if (session.receipts[i].fate == Fate::kUnknown) unknown.push_back(i);
  }
  Progress progress("stored", unknown.size());
  absl::Status stored =
      ForEach(unknown.size(), [&](std::size_t n) -> absl::Status {
        const std::size_t i = unknown[n];
        const auto receipt = PutFile(*session.engine, session.files[i]);
        if (!receipt.ok()) return receipt.status();
        session.receipts[i] = *receipt;
        progress.Add();
        return absl::OkStatus();
      });
  if (!stored.ok()) return stored;
  return unknown;
}

void NoteSkipped(const Session& session) {
  const auto skipped = std::count_if(
      session.receipts.begin(), session.receipts.end(),
      [](const auto& receipt) { return receipt.fate == Fate::kSkipped; });
  if (skipped == 0) return;
  std::cout << "  note: skipped " << skipped << " of " << session.files.size()
            << " files: they vanished, could not be read, or their names are "
            << "no keys\n";
}

absl::StatusOr<Work> Resume(Session& session) {
  absl::Status opened = session.Reopen({});
  if (!opened.ok()) return opened;
  // The process may have been killed before its first put.
  absl::Status made = MakeBucket(*session.engine);
  if (!made.ok()) return made;
  const auto resumed = PutUnknown(session);
  if (!resumed.ok()) return resumed.status();
  NoteSkipped(session);
  Work work;
  for (const std::size_t i : *resumed) work.Add(session.receipts[i]);
  return work;
}

absl::StatusOr<Work> List(Session& session) { return ListAll(session); }

absl::StatusOr<Work> Read(Session& session) { return ReadAll(session); }

// The drives go while the engine reads from them.
absl::StatusOr<Work> Lose(Session& session) {
  absl::Status destroyed;
  std::jthread destroyer(
      [&] { destroyed = session.drives.Destroy(session.lost); });
  auto work = ReadAll(session);
  destroyer.join();
  if (!destroyed.ok()) return destroyed;
  return work;
}

// Opened anew, so that nothing is left of the lost drives but what the others
// know: files that are open would still be there.
absl::StatusOr<Work> ReadDegraded(Session& session) {
  absl::Status opened = session.Reopen(session.lost);
  if (!opened.ok()) return opened;
  return ReadAll(session);
}

absl::StatusOr<cairn::HealReport> HealAll(cairn::Engine& engine) {
  Progress progress("healed", 0);
  cairn::HealOptions options;
  options.on_progress = [&progress](const cairn::HealProgress& now) {
    progress.Set(now.done, now.total);
  };
  return engine.Heal(options);
}

absl::StatusOr<Work> Heal(Session& session) {
  session.engine.reset();
  absl::Status made = session.drives.MakeEmpty(session.lost);
  if (!made.ok()) return made;
  absl::Status opened = session.ReopenWithReplacements();
  if (!opened.ok()) return opened;
  const auto report = HealAll(*session.engine);
  if (!report.ok()) return report.status();
  // The engine heals replaced drives on its own: it may have been faster.
  std::cout << "  note: looked for " << report->checked
            << " files on the drives, healed " << report->healed
            << " that were not there yet\n";
  if (report->unrecoverable + report->postponed > 0) {
    return absl::DataLossError("not everything was healed");
  }
  return session.Stored();
}

// Two drives are left of those that were never lost, and data are four: what
// is read needs the drives that were healed.
absl::StatusOr<Work> ReadHealed(Session& session) {
  absl::Status opened = session.Reopen(session.others);
  if (!opened.ok()) return opened;
  return ReadAll(session);
}

constexpr std::array kSteps = {
    Step{"put", "", "a process stores every file until it is killed half way",
         Put},
    Step{"resume", "put", "opens the store again and stores the rest", Resume},
    Step{"list", "resume", "lists all objects", List},
    Step{"read", "resume", "reads all back and compares the SHA-256", Read},
    Step{"lose", "resume", "the same, while two drives are deleted", Lose},
    Step{"read-degraded", "lose", "the same, without the two drives",
         ReadDegraded},
    Step{"heal", "lose", "puts empty drives in their places and heals them",
         Heal},
    Step{"read-healed", "heal", "reads all, now without two other drives",
         ReadHealed},
};

// Adds the step and what it needs; false where there is none.
bool AddWithNeeds(std::string_view id, std::set<std::string_view>& chosen) {
  while (!id.empty()) {
    const auto step =
        std::find_if(kSteps.begin(), kSteps.end(),
                     [id](const Step& one) { return one.id == id; });
    if (step == kSteps.end()) return false;
    chosen.insert(step->id);
    id = step->needs;
  }
  return true;
}

}  // namespace

std::span<const Step> AllSteps() { return kSteps; }

absl::StatusOr<std::vector<Step>> Choose(const std::vector<std::string>& ids) {
  std::set<std::string_view> chosen;
  for (const std::string& id : ids) {
    if (id.empty() || !AddWithNeeds(id, chosen)) {
      return absl::InvalidArgumentError("no such step: " + id);
    }
  }
  std::vector<Step> steps;
  std::copy_if(kSteps.begin(), kSteps.end(), std::back_inserter(steps),
               [&](const Step& step) {
                 return ids.empty() || chosen.count(step.id) > 0;
               });
  return steps;
}

}  // namespace quickstart
