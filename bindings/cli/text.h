// Text for people: what is printed, and how it is made fit for a terminal.

#ifndef CAIRN_BINDINGS_CLI_TEXT_H_
#define CAIRN_BINDINGS_CLI_TEXT_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::cli {

// `text` without anything that a terminal obeys: control characters, those that
// turn the direction of writing, backslashes and what is no UTF-8 become \xNN,
// a byte each.
std::string Printable(std::string_view text);

// "1.5 MiB".
std::string ShowSize(std::uint64_t bytes);

// "2026-11-26T02:59:15Z".
std::string ShowTime(std::chrono::system_clock::time_point time);

// Writes `text` to standard output. Whether that worked is seen at the end.
void Print(std::string_view text);

// Rows under a heading, in columns as wide as what stands in them.
class Table {
 public:
  enum class Align { kLeft, kRight };

  void AddColumn(std::string heading, Align align);

  // As many cells as there are columns.
  void AddRow(std::vector<std::string> cells);

  std::string Render() const;

 private:
  struct Column {
    std::string heading;
    Align align;
    std::size_t width;
  };

  std::string Line(const std::vector<std::string>& cells) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace cairn::cli

#endif  // CAIRN_BINDINGS_CLI_TEXT_H_
