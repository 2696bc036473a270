#include "quickstart/file_source.h"

#include "absl/status/status.h"

namespace quickstart {

absl::StatusOr<std::size_t> FileSource::Read(std::span<std::byte> into) {
  // tidy: a stream of the standard library reads char, and char is any byte.
  auto* characters = reinterpret_cast<char*>(into.data());
  if (!has_failed_) {
    file_.read(characters, static_cast<std::streamsize>(into.size()));
    has_failed_ = file_.bad();
  }
  if (has_failed_) return absl::NotFoundError("the file cannot be read");
  const auto size = static_cast<std::size_t>(file_.gcount());
  digest_.Update(into.first(size));
  size_ += size;
  return size;
}

}  // namespace quickstart
