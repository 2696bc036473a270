#include "support/usage.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <array>
#include <fstream>
#include <string_view>

#include "support/fail.h"

namespace cairn::bench {
namespace {

// The number after "`name`:" in a file of /proc.
std::uint64_t FieldOf(const char* path, std::string_view name) {
  std::ifstream file(path);
  std::string word;
  std::uint64_t value = 0;
  while (file >> word) {
    if (word == name && file >> value) return value;
  }
  Fail(std::string(path) + " has no " + std::string(name));
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) +
         static_cast<double>(time.tv_usec) * 1e-6;
}

double CpuSeconds() {
  rusage usage{};
  Require(getrusage(RUSAGE_SELF, &usage) == 0, "getrusage");
  return Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
}

// See Documentation/block/stat.rst of Linux.
constexpr std::size_t kReadsField = 0;
constexpr std::size_t kFlushesField = 15;

std::optional<DeviceUsage> DeviceUsageOf(const std::string& directory) {
  struct stat info {};
  Require(stat(directory.c_str(), &info) == 0, directory);
  std::ifstream file("/sys/dev/block/" + std::to_string(major(info.st_dev)) +
                     ":" + std::to_string(minor(info.st_dev)) + "/stat");
  std::array<std::uint64_t, kFlushesField + 1> fields{};
  for (std::uint64_t& field : fields) {
    if (!(file >> field)) return std::nullopt;
  }
  return DeviceUsage{.reads = fields[kReadsField],
                     .flushes = fields[kFlushesField]};
}

}  // namespace

Usage UsageNow(const std::string& directory) {
  return {.cpu_seconds = CpuSeconds(),
          .read_bytes = FieldOf("/proc/self/io", "read_bytes:"),
          .write_bytes = FieldOf("/proc/self/io", "write_bytes:"),
          .device = DeviceUsageOf(directory)};
}

Usage operator-(const Usage& later, const Usage& earlier) {
  Usage result{.cpu_seconds = later.cpu_seconds - earlier.cpu_seconds,
               .read_bytes = later.read_bytes - earlier.read_bytes,
               .write_bytes = later.write_bytes - earlier.write_bytes};
  if (later.device && earlier.device) {
    result.device = {
        .reads = later.device->reads - earlier.device->reads,
        .flushes = later.device->flushes - earlier.device->flushes};
  }
  return result;
}

std::uint64_t AnonymousBytes() {
  return FieldOf("/proc/self/status", "RssAnon:") << 10;
}

}  // namespace cairn::bench
