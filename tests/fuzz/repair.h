// Makes the checksums of structures right, whatever else is wrong with them.
// FORMAT.md says what each covers; what it is seeded with is the encoder's own
// affair and repeated in repair.cc. That it is right shows in every sample that
// is repaired and must still be accepted.

#ifndef CAIRN_TESTS_FUZZ_REPAIR_H_
#define CAIRN_TESTS_FUZZ_REPAIR_H_

#include "base/bytes.h"
#include "base/uuid.h"
#include "format/pack.h"
#include "format/sector.h"

namespace cairn::fuzz {

// Each does what the size allows.
void RepairIdentity(base::MutableBytes block);
void RepairPromise(base::MutableBytes slot);
void RepairFrameHeader(base::MutableBytes payload);
void RepairCatalogue(base::MutableBytes file);
void RepairRunFooter(base::MutableBytes footer);
void RepairPackObject(base::MutableBytes payload);
void RepairBlobTail(base::MutableBytes tail);
// The digest of the table as well.
void RepairBlobFooter(base::MutableBytes footer);

// The frame that `sectors` begin with: its metadata's checksum, its header's,
// and the stamps of all its sectors.
void RepairFrame(base::MutableBytes sectors, format::SectorPlace first);

// All promises and frames of a log.
void RepairLog(base::MutableBytes file, const base::Uuid& drive);

// All parts of a run file: its blocks, also where the index says so, the index,
// the filter, the footer.
void RepairRun(base::MutableBytes file);

// All objects and blocks of a pack file of one column.
void RepairPack(base::MutableBytes file, const format::PackBlockPlace& first);

}  // namespace cairn::fuzz

#endif  // CAIRN_TESTS_FUZZ_REPAIR_H_
