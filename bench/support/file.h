// Files, as the system calls see them. What fails ends the program.

#ifndef CAIRN_BENCH_SUPPORT_FILE_H_
#define CAIRN_BENCH_SUPPORT_FILE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace cairn::bench {

// An open file or directory.
//
// Ownership: closes the descriptor.
class File {
 public:
  // As open() takes them; a file that is created gets mode 0600.
  File(const std::string& path, int flags);

  // The same as openat() takes them: `path` is relative to `directory`.
  File(int directory, const char* path, int flags);

  File(File&& other) noexcept;
  File& operator=(File&&) = delete;
  ~File();

  int descriptor() const { return descriptor_; }

  // Writes all of `bytes`.
  void Write(std::span<const std::byte> bytes, std::uint64_t offset) const;

  // Durable: the bytes, and what is needed to find them.
  void SyncData() const;

  // Durable: all of it; of a directory its names.
  void Sync() const;

 private:
  int descriptor_;
};

// Makes `path` a file of `size` written and synced bytes, so that writing it
// again changes nothing in the file system; leaves one alone that is so large.
void PreWrite(const std::string& path, std::uint64_t size);

}  // namespace cairn::bench

#endif  // CAIRN_BENCH_SUPPORT_FILE_H_
