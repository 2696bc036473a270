#include "cli/text.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <utility>

#include "fmt/format.h"

namespace cairn::cli {
namespace {

// A character of UTF-8 at the front of a text; `size` 0 where there is none.
struct Character {
  char32_t code = 0;
  std::size_t size = 0;
};

unsigned Byte(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

// How many bytes a character has that begins with `first`; 0: none does.
std::size_t SizeOf(unsigned first) {
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

// Not the shortest form, half of a surrogate pair, or no character at all.
bool IsWrong(char32_t code, std::size_t size) {
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  return code < kLeast[size] || (code >= 0xd800 && code <= 0xdfff) ||
         code > 0x10ffff;
}

Character FirstOf(std::string_view text) {
  const std::size_t size = SizeOf(Byte(text, 0));
  if (size == 0 || size > text.size()) return {};
  if (size == 1) return {Byte(text, 0), 1};
  char32_t code = Byte(text, 0) & (0x7fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((Byte(text, i) & 0xc0u) != 0x80) return {};
    code = code << 6 | (Byte(text, i) & 0x3fu);
  }
  return IsWrong(code, size) ? Character{} : Character{code, size};
}

struct CodeRange {
  char32_t first;
  char32_t last;
};

bool IsObeyed(char32_t code) {
  constexpr std::array kObeyed = {
      CodeRange{0x00, 0x1f},     CodeRange{'\\', '\\'},
      CodeRange{0x7f, 0x9f},     CodeRange{0x061c, 0x061c},
      CodeRange{0x200b, 0x200f}, CodeRange{0x2028, 0x202e},
      CodeRange{0x2060, 0x206f}, CodeRange{0xfeff, 0xfeff}};
  return std::any_of(kObeyed.begin(), kObeyed.end(),
                     [code](const CodeRange& range) {
                       return range.first <= code && code <= range.last;
                     });
}

std::size_t WidthOf(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char character) {
        return (static_cast<unsigned char>(character) & 0xc0u) != 0x80;
      }));
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string printable;
  while (!text.empty()) {
    const Character character = FirstOf(text);
    const std::size_t size = std::max<std::size_t>(character.size, 1);
    if (character.size > 0 && !IsObeyed(character.code)) {
      printable += text.substr(0, size);
    } else {
      for (std::size_t i = 0; i < size; ++i) {
        printable += fmt::format("\\x{:02x}", Byte(text, i));
      }
    }
    text.remove_prefix(size);
  }
  return printable;
}

std::string ShowSize(std::uint64_t bytes) {
  constexpr std::array kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  auto number = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  // 1023.96 would be shown as 1024.0.
  while (number >= 1023.95 && unit + 1 < kUnits.size()) {
    number /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", number, kUnits[unit]);
}

std::string ShowTime(std::chrono::system_clock::time_point time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const std::time_t seconds = std::chrono::system_clock::to_time_t(whole);
  std::tm parts{};
  if (gmtime_r(&seconds, &parts) == nullptr) return "?";
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
                     parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

void Print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void Table::AddColumn(std::string heading, Align align) {
  const std::size_t width = WidthOf(heading);
  columns_.push_back({std::move(heading), align, width});
}

void Table::AddRow(std::vector<std::string> cells) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    columns_[i].width = std::max(columns_[i].width, WidthOf(cells[i]));
  }
  rows_.push_back(std::move(cells));
}

std::string Table::Render() const {
  std::vector<std::string> headings;
  for (const Column& column : columns_) headings.push_back(column.heading);
  std::string text = Line(headings);
  for (const auto& row : rows_) text += Line(row);
  return text;
}

std::string Table::Line(const std::vector<std::string>& cells) const {
  std::string line;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) line += "  ";
    const std::string blanks(columns_[i].width - WidthOf(cells[i]), ' ');
    const bool is_right = columns_[i].align == Align::kRight;
    line += is_right ? blanks + cells[i] : cells[i] + blanks;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

}  // namespace cairn::cli
