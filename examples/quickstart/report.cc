#include "quickstart/report.h"

#include <iomanip>
#include <sstream>

namespace quickstart {
namespace {

double PerSecond(double amount, const StepResult& result) {
  return result.seconds > 0 ? amount / result.seconds : 0;
}

double ObjectsPerSecond(const StepResult& result) {
  return PerSecond(static_cast<double>(result.work.objects), result);
}

double MegabytesPerSecond(const StepResult& result) {
  return PerSecond(static_cast<double>(result.work.bytes) / 1e6, result);
}

}  // namespace

std::string RenderTable(const std::vector<StepResult>& results) {
  std::ostringstream text;
  const auto line = [&text](const auto& id, const auto&... cells) {
    text << std::left << std::setw(14) << id << std::right;
    ((text << std::setw(13) << cells), ...);
  };
  text << std::fixed;
  line("step", "objects", "bytes", "seconds", "objects/s", "MB/s");
  text << "\n";
  for (const StepResult& result : results) {
    text << std::setprecision(1);
    line(result.id, result.work.objects, result.work.bytes, result.seconds,
         ObjectsPerSecond(result), MegabytesPerSecond(result));
    text << (result.passes ? "" : "  FAILED") << "\n";
  }
  return text.str();
}

std::string RenderJson(const std::vector<StepResult>& results) {
  std::ostringstream text;
  const char* separator = "\n";
  text << std::fixed << std::setprecision(3) << "{\"steps\": [";
  for (const StepResult& result : results) {
    text << separator << "  {\"id\": \"" << result.id
         << "\", \"objects\": " << result.work.objects
         << ", \"bytes\": " << result.work.bytes
         << ", \"seconds\": " << result.seconds
         << ", \"objects_per_second\": " << ObjectsPerSecond(result)
         << ", \"mb_per_second\": " << MegabytesPerSecond(result)
         << ", \"pass\": " << (result.passes ? "true" : "false") << "}";
    separator = ",\n";
  }
  text << "]}\n";
  return text.str();
}

}  // namespace quickstart
