// Reports as text and as JSON.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fmt/format.h"

#include "cairn/inspect.h"
#include "inspect/text.h"

namespace cairn {
namespace {

constexpr std::size_t kNameWidthMax = 32;

// An item and how deep it lies.
struct Row {
  const InspectItem* item = nullptr;
  std::size_t depth = 0;

  std::size_t name_width() const { return 2 * depth + item->name.size(); }
};

void AddRows(const std::vector<InspectItem>& items, std::size_t depth,
             std::vector<Row>& rows) {
  for (const InspectItem& item : items) {
    rows.push_back({&item, depth});
    AddRows(item.parts, depth + 1, rows);
  }
}

bool HasPlace(const InspectItem& item) { return item.size > 0; }

// Columns are as wide as what stands in them.
class Table {
 public:
  explicit Table(const std::vector<InspectItem>& items) {
    AddRows(items, 0, rows_);
    for (const Row& row : rows_) {
      name_width_ = std::max(name_width_, row.name_width());
      if (!HasPlace(*row.item)) continue;
      offset_width_ = std::max(offset_width_, Digits(row.item->offset));
      size_width_ = std::max(size_width_, Digits(row.item->size));
    }
    name_width_ = std::min(name_width_, kNameWidthMax);
  }

  std::string Render() const {
    std::string text;
    if (size_width_ > 0) text += Heading();
    for (const Row& row : rows_) text += RenderRow(row);
    return text;
  }

 private:
  static std::size_t Digits(std::uint64_t number) {
    return fmt::formatted_size("{}", number);
  }

  std::string Line(const std::string& offset, const std::string& size,
                   const std::string& rest) const {
    std::string line = "  ";
    if (size_width_ > 0) {
      line += fmt::format("{:>{}}  {:>{}}  ", offset,
                          std::max<std::size_t>(offset_width_, 6), size,
                          std::max<std::size_t>(size_width_, 4));
    }
    line += rest;
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
  }

  std::string Heading() const { return Line("offset", "size", "what"); }

  std::string RenderRow(const Row& row) const {
    const InspectItem& item = *row.item;
    std::string rest = fmt::format("{:{}}{}", "", 2 * row.depth, item.name);
    rest = fmt::format("{:<{}}  {}", rest, name_width_, item.value);
    if (!item.note.empty()) {
      rest += fmt::format(
          "{}{}", item.value.empty() ? "" : "  ",
          item.is_damaged ? "DAMAGED: " + item.note : "(" + item.note + ")");
    }
    if (!HasPlace(item)) return Line("", "", rest);
    return Line(fmt::format("{}", item.offset), fmt::format("{}", item.size),
                rest);
  }

  std::vector<Row> rows_;
  std::size_t name_width_ = 0;
  std::size_t offset_width_ = 0;
  std::size_t size_width_ = 0;
};

// Texts are ASCII but for the path, which is any bytes.
std::string Escape(std::string_view text) {
  std::string escaped = "\"";
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') {
      escaped += {'\\', character};
    } else if (byte < 0x20 || byte > 0x7e) {
      escaped += fmt::format("\\u{:04x}", byte);
    } else {
      escaped += character;
    }
  }
  return escaped + "\"";
}

std::string RenderItems(const std::vector<InspectItem>& items);

std::string RenderItem(const InspectItem& item) {
  std::string json = "{";
  if (HasPlace(item)) {
    json += fmt::format("\"offset\":{},\"size\":{},", item.offset, item.size);
  }
  json += "\"name\":" + Escape(item.name);
  if (!item.value.empty()) json += ",\"value\":" + Escape(item.value);
  if (!item.note.empty()) json += ",\"note\":" + Escape(item.note);
  if (item.is_damaged) json += ",\"is_damaged\":true";
  if (!item.parts.empty()) json += ",\"parts\":" + RenderItems(item.parts);
  return json + "}";
}

std::string RenderItems(const std::vector<InspectItem>& items) {
  std::string json = "[";
  for (const InspectItem& item : items) {
    if (json.size() > 1) json += ",";
    json += RenderItem(item);
  }
  return json + "]";
}

}  // namespace

std::string RenderText(const InspectReport& report) {
  std::string text =
      fmt::format("{}: {}, {}\n", inspect::ShowName(report.path), report.kind,
                  report.damage_count == 0 ? "no damage found" : "DAMAGED");
  text += Table(report.items).Render();
  if (report.damages.empty()) return text;
  text += fmt::format("Damage found: {}\n", report.damage_count);
  text += Table(report.damages).Render();
  if (report.damage_count > report.damages.size()) {
    text += fmt::format("  and {} more\n",
                        report.damage_count - report.damages.size());
  }
  return text;
}

std::string RenderJson(const InspectReport& report) {
  return fmt::format(
      "{{\"path\":{},\"kind\":{},\"damage_count\":{},\"items\":{},"
      "\"damages\":{}}}\n",
      Escape(report.path), Escape(report.kind), report.damage_count,
      RenderItems(report.items), RenderItems(report.damages));
}

}  // namespace cairn
