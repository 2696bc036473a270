#include "cli/info.h"

#include <algorithm>
#include <cstddef>

#include "fmt/format.h"

#include "cli/json.h"
#include "cli/text.h"

namespace cairn::cli {
namespace {

const char* NameOfState(DriveState state) {
  switch (state) {
    case DriveState::kServing:
      return "serving";
    case DriveState::kBehind:
      return "behind";
    case DriveState::kFenced:
      return "fenced";
    case DriveState::kMissing:
      return "missing";
  }
  return "unknown";
}

bool Serves(const DriveInfo& drive) {
  return drive.state == DriveState::kServing;
}

auto ServingCount(const EngineInfo& info) {
  return std::count_if(info.drives.begin(), info.drives.end(), Serves);
}

std::string ShowSizeIfKnown(std::uint64_t bytes, const DriveInfo& drive) {
  return drive.bytes_total == 0 ? "-" : ShowSize(bytes);
}

std::string RenderDrives(const EngineInfo& info) {
  Table table;
  table.AddColumn("position", Table::Align::kRight);
  table.AddColumn("state", Table::Align::kLeft);
  table.AddColumn("size", Table::Align::kRight);
  table.AddColumn("free", Table::Align::kRight);
  table.AddColumn("path", Table::Align::kLeft);
  for (std::size_t i = 0; i < info.drives.size(); ++i) {
    const DriveInfo& drive = info.drives[i];
    table.AddRow({fmt::format("{}", i), NameOfState(drive.state),
                  ShowSizeIfKnown(drive.bytes_total, drive),
                  ShowSizeIfKnown(drive.bytes_available, drive),
                  drive.path.empty() ? "-" : Printable(drive.path)});
  }
  return table.Render();
}

Json ToJson(const DriveInfo& drive, std::size_t position) {
  return {{"position", position},
          {"state", NameOfState(drive.state)},
          {"path", BytesToJson(drive.path)},
          {"bytes_total", drive.bytes_total},
          {"bytes_available", drive.bytes_available}};
}

}  // namespace

bool IsWhole(const EngineInfo& info) {
  return std::all_of(info.drives.begin(), info.drives.end(), Serves);
}

std::string RenderInfo(const EngineInfo& info) {
  std::string text;
  const auto add = [&text](const char* name, const std::string& value) {
    text += fmt::format("{:<12}{}\n", name, value);
  };
  add("deployment", info.deployment);
  add("geometry",
      fmt::format("{} data + {} parity drives", info.data, info.parity));
  add("drives",
      fmt::format("{} of {} serve, {} are needed to write", ServingCount(info),
                  info.drives.size(), info.write_quorum));
  add("opened", info.read_only ? "to read only" : "to read and write");
  add("epoch", fmt::format("{}", info.epoch));
  add("sequence", fmt::format("{}", info.last_sequence));
  add("runs", fmt::format("{}", info.run_count));
  add("packs", fmt::format("{}", info.pack_count));
  return text + "\n" + RenderDrives(info);
}

std::string RenderInfoAsJson(const EngineInfo& info) {
  Json drives = Json::array();
  for (std::size_t i = 0; i < info.drives.size(); ++i) {
    drives.push_back(ToJson(info.drives[i], i));
  }
  const Json json = {{"deployment", info.deployment},
                     {"data", info.data},
                     {"parity", info.parity},
                     {"write_quorum", info.write_quorum},
                     {"read_only", info.read_only},
                     {"epoch", info.epoch},
                     {"last_sequence", info.last_sequence},
                     {"run_count", info.run_count},
                     {"pack_count", info.pack_count},
                     {"drives", drives}};
  return ToText(json) + "\n";
}

}  // namespace cairn::cli
