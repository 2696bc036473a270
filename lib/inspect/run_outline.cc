// The fields of a run's parts: blocks, index, filter.

#include <algorithm>
#include <string>
#include <string_view>
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

// A key without the prefix of its block.
using KeyRest = std::string;

// `key` is that of the record before, and becomes this one's.
void OutlineRecord(Outline& outline, std::string_view prefix, KeyRest& key) {
  const std::uint64_t shared = outline.Varint("shared");
  const std::uint64_t rest_size = outline.Varint("rest");
  const std::uint64_t tag = outline.Varint("tag");
  outline.Varint("sequence");
  key.resize(std::min<std::uint64_t>(shared, key.size()));
  key += base::AsText(
      outline.Take("rest of the key", FieldType::kText, rest_size));
  if (tag / 2 == 0) return;
  outline.Sized("value", tag / 2,
                [&] { OutlineEntry(outline, std::string(prefix) + key); });
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
  const std::string_view prefix = base::AsText(
      outline.Take("prefix", FieldType::kText, number("prefix_size")));
  outline.Take("rest of lower", FieldType::kText, number("lower_size"));
  outline.Take("rest of upper", FieldType::kText, number("upper_size"));
  outline.Sized("records", number("records_size"), [&] {
    KeyRest key;
    outline.Repeat("record", count,
                   [&] { OutlineRecord(outline, prefix, key); });
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
