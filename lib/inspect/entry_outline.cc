#include "inspect/entry_outline.h"

#include "inspect/field.h"
#include "inspect/value_outline.h"

namespace cairn::inspect {

namespace {

const EntryKind* KindOf(std::uint64_t number) {
  for (const EntryKind& kind : kEntryKinds) {
    if (kind.kind == number) return &kind;
  }
  return nullptr;
}

}  // namespace

void OutlineEntry(Outline& outline, std::string_view key) {
  const FieldTable envelope = kEntryFields;
  const EntryKind* kind = KindOf(NumberOf(outline.Take(envelope.first(1))));
  if (kind == nullptr) return;
  outline.Take(envelope.subspan(1));
  if (!kind->blob.empty()) {
    outline.Group("blob", [&] { outline.Take(kind->blob); });
  }
  if (!kind->place.empty()) {
    outline.Group("place", [&] { outline.Take(kind->place); });
  }
  OutlineValue(outline, key);
}

}  // namespace cairn::inspect
