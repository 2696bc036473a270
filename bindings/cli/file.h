// The files of this host that objects are put from and got into.

#ifndef CAIRN_BINDINGS_CLI_FILE_H_
#define CAIRN_BINDINGS_CLI_FILE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "cairn/source.h"

namespace cairn::cli {

// Where "-" stands for standard input or output.
inline constexpr char kStandard[] = "-";

// A file, or standard input, as the body of a put.
//
// Ownership: closes the file.
class InputFile : public ObjectSource {
 public:
  // Errors: kNotFound and such, with the path in the message.
  static absl::StatusOr<InputFile> Open(const std::string& path);

  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&&) = delete;
  ~InputFile() override;

  absl::StatusOr<std::size_t> Read(std::span<std::byte> into) override;
  std::optional<std::uint64_t> size_expected() const override;

  // How much was read.
  std::uint64_t size() const { return size_; }

 private:
  InputFile(std::string path, int descriptor)
      : path_(std::move(path)), descriptor_(descriptor) {}

  std::string path_;
  int descriptor_;
  std::uint64_t size_ = 0;
};

// A file that is there when all of it is: until Commit() what is written stands
// beside it under another name. Standard output and what is no regular file,
// such as a device, are written at once.
//
// Ownership: removes what was not committed.
class OutputFile {
 public:
  static absl::StatusOr<OutputFile> Create(const std::string& path);

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  absl::Status Write(std::span<const std::byte> bytes);

  // Durability: on OK the bytes are synced. The name may be lost in a crash;
  //             then what was there before is.
  absl::Status Commit();

 private:
  OutputFile(std::string path, std::string partial, int descriptor)
      : path_(std::move(path)),
        partial_(std::move(partial)),
        descriptor_(descriptor) {}

  std::string path_;
  std::string partial_;  // empty: written at once, or committed
  int descriptor_;
};

}  // namespace cairn::cli

#endif  // CAIRN_BINDINGS_CLI_FILE_H_
