// The fields of a run's parts: blocks, index, filter.

#include <utility>

#include "format/entry.h"
#include "format/run_block.h"
#include "format/run_block_builder.h"
#include "format/run_filter.h"
#include "inspect/entry_outline.h"
#include "inspect/field.h"
#include "inspect/run.h"

namespace cairn::inspect {
namespace {

constexpr std::size_t kRestartSize = 4;

void OutlineValue(Outline& outline, std::uint64_t size) {
  outline.Sized("value", size, [&] { OutlineEntry(outline); });
}

void OutlineRecord(Outline& outline) {
  outline.Varint("shared");
  const std::uint64_t rest_size = outline.Varint("rest");
  const std::uint64_t tag = outline.Varint("tag");
  outline.Varint("sequence");
  outline.Take("rest of the key", FieldType::kText, rest_size);
  if (tag / 2 > 0) OutlineValue(outline, tag / 2);
}

// A text with its size before it.
void OutlineText(Outline& outline, std::string_view name) {
  outline.Group(name, [&] {
    const std::uint64_t size = outline.Varint("size");
    outline.Take("bytes", FieldType::kText, size);
  });
}

void OutlineBounds(Outline& outline) {
  OutlineText(outline, "lower");
  OutlineText(outline, "smallest");
  OutlineText(outline, "largest");
  outline.Group("upper", [&] {
    const std::uint64_t size = outline.Varint("size + 1");
    if (size > 0) outline.Take("bytes", FieldType::kText, size - 1);
  });
}

void OutlineBlockRef(Outline& outline) {
  outline.Varint("shared");
  const std::uint64_t rest_size = outline.Varint("rest");
  outline.Varint("pages");
  outline.Take("rest of the separator", FieldType::kText, rest_size);
  outline.Take("checksum", FieldType::kHex, 8);
}

}  // namespace

std::vector<InspectItem> OutlineRunBlock(base::Bytes block, RunByte at) {
  Outline outline(block, {.begin = at.offset}, at.wanted);
  base::Bytes header;
  outline.Group("header", [&] { header = outline.Take(kRunBlockFields); });
  const auto number = [&](std::string_view name) {
    return NumberIn(kRunBlockFields, name, header);
  };
  const std::uint64_t count = number("record_count");
  outline.Take("prefix", FieldType::kText, number("prefix_size"));
  outline.Take("rest of lower", FieldType::kText, number("lower_size"));
  outline.Take("rest of upper", FieldType::kText, number("upper_size"));
  outline.Sized("records", number("records_size"), [&] {
    outline.Repeat("record", count, [&] { OutlineRecord(outline); });
  });
  const std::uint64_t restarts =
      (count + format::kRunRestartInterval - 1) / format::kRunRestartInterval;
  outline.Sized("restarts", restarts * kRestartSize, [&] {
    outline.Repeat("restart", restarts,
                   [&] { outline.Number("offset", kRestartSize); });
  });
  outline.TakeRest("padding", FieldType::kZeros);
  return std::move(outline).Finish();
}

std::vector<InspectItem> OutlineRunIndex(base::Bytes index, RunByte at,
                                         std::uint32_t block_count) {
  Outline outline(index, {.begin = at.offset}, at.wanted);
  outline.Group("bounds", [&] { OutlineBounds(outline); });
  outline.Repeat("block", block_count, [&] { OutlineBlockRef(outline); });
  outline.TakeRest("padding", FieldType::kZeros);
  return std::move(outline).Finish();
}

std::vector<InspectItem> OutlineRunFilter(base::Bytes filter, RunByte at,
                                          std::uint32_t line_count) {
  Outline outline(filter, {.begin = at.offset}, at.wanted);
  outline.Repeat("line", line_count, [&] {
    outline.Take("bits", FieldType::kBytes, format::kFilterLineSize);
  });
  outline.TakeRest("padding", FieldType::kZeros);
  return std::move(outline).Finish();
}

}  // namespace cairn::inspect
