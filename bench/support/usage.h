// What a process and the device below a directory have used so far.

#ifndef CAIRN_BENCH_SUPPORT_USAGE_H_
#define CAIRN_BENCH_SUPPORT_USAGE_H_

#include <cstdint>
#include <optional>
#include <string>

namespace cairn::bench {

// Counts of the block device, by whatever process.
struct DeviceUsage {
  std::uint64_t reads = 0;    // requests completed
  std::uint64_t flushes = 0;  // requests completed
};

// Differences of two of these say what happened in between.
struct Usage {
  double cpu_seconds = 0;         // user and system, all threads
  std::uint64_t read_bytes = 0;   // fetched from devices for this process
  std::uint64_t write_bytes = 0;  // sent to devices by this process
  // Nothing where the file system is on no block device of its own.
  std::optional<DeviceUsage> device;
};

// The usage of this process, and of the device that holds `directory`.
Usage UsageNow(const std::string& directory);

Usage operator-(const Usage& later, const Usage& earlier);

// Bytes of anonymous memory that this process has resident.
std::uint64_t AnonymousBytes();

}  // namespace cairn::bench

#endif  // CAIRN_BENCH_SUPPORT_USAGE_H_
