// What the steps share: the files, what became of them, and the store.

#ifndef CAIRN_EXAMPLES_QUICKSTART_SESSION_H_
#define CAIRN_EXAMPLES_QUICKSTART_SESSION_H_

#include <memory>
#include <vector>

#include "cairn/engine.h"
#include "quickstart/drives.h"
#include "quickstart/receipt.h"
#include "quickstart/tree.h"

namespace quickstart {

struct Session {
  std::vector<SourceFile> files;
  std::vector<Receipt> receipts;  // of the files, by index
  Drives drives;
  DriveNumbers lost;    // two that are destroyed
  DriveNumbers others;  // two that are taken away when those are healed
  std::unique_ptr<cairn::Engine> engine;  // null: not open

  // Closes the engine and opens it on all drives but `missing`. Those stay
  // missing, so too few drives are left to take writes where they are two.
  absl::Status Reopen(const DriveNumbers& missing);

  // The same on all drives, of which those that are empty replace missing ones.
  absl::Status ReopenWithReplacements();

  // Everything that was acknowledged.
  Work Stored() const;
};

// How the drives are opened, and formatted when they are all empty.
cairn::EngineOptions OptionsFor(std::vector<std::string> drives);

// Chooses from `seed` which drives are lost.
Session MakeSession(std::vector<SourceFile> files, Drives drives,
                    std::uint64_t seed);

}  // namespace quickstart

#endif  // CAIRN_EXAMPLES_QUICKSTART_SESSION_H_
