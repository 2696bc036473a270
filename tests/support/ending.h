// How lives of a simulated set end: when all faults are over it is whole.

#ifndef CAIRN_TESTS_SUPPORT_ENDING_H_
#define CAIRN_TESTS_SUPPORT_ENDING_H_

#include <set>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

#include "format/checkpoint.h"
#include "support/sim_set.h"

namespace cairn::support {

// Whether a set holds what it must.
using CheckContents = absl::FunctionRef<absl::Status(SimProcess&)>;

// The paths of the runs and packs of a drive, unfinished ones too, and of those
// that a catalogue names.
std::set<std::string> RunsAndPacksOf(const SimMedia& media);
std::set<std::string> RunsAndPacksOf(const format::Catalogue& catalogue);

// Whether each of these drives has the runs and packs of the catalogue and a
// shard of each large blob, and no other files.
absl::Status CheckFiles(const SetImage& image, const std::vector<int>& drives,
                        const format::Catalogue& catalogue);

// Opens the set on the drives of `options`, which all are members, has it heal
// what they lack, and closes it. Before and behind that its contents must be
// right, and in the end the files of all drives.
absl::Status EndWhole(SetImage& image, Chooser& chooser,
                      SimProcess::Options options, CheckContents check);

}  // namespace cairn::support

#endif  // CAIRN_TESTS_SUPPORT_ENDING_H_
