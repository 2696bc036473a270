#include "object/body_writer.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "object/index_key.h"

namespace cairn::object {

BodyWriter::BodyWriter(const Environment& environment,
                       std::optional<std::uint64_t> size, ETagKind etag)
    : environment_(environment), size_expected_(size) {
  if (etag == ETagKind::kMd5) md5_.emplace();
}

base::Task<absl::Status> BodyWriter::Append(base::Bytes bytes) {
  CAIRN_CO_RETURN_IF_ERROR(failed_);
  base::Task<absl::Status> append = AppendAll(bytes);
  failed_ = co_await append;
  co_return failed_;
}

base::Task<absl::Status> BodyWriter::AppendAll(base::Bytes bytes) {
  if (bytes.size() > kObjectSizeMax - size_) {
    co_return base::Error(ErrorCode::kObjectTooLarge,
                          "an object of more than {} bytes", kObjectSizeMax);
  }
  const bool is_small = blobs_.empty() && blob_ == nullptr &&
                        size_ + bytes.size() <= storage::kSmallBlobSizeMax;
  size_ += bytes.size();
  if (md5_.has_value()) md5_->Update(bytes);
  if (is_small) {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    co_return absl::OkStatus();
  }
  const std::vector<std::byte> buffered = std::exchange(buffer_, {});
  base::Task<absl::Status> first = AppendToBlobs(buffered);
  CAIRN_CO_RETURN_IF_ERROR(co_await first);
  base::Task<absl::Status> second = AppendToBlobs(bytes);
  co_return co_await second;
}

base::Task<absl::Status> BodyWriter::AppendToBlobs(base::Bytes bytes) {
  while (!bytes.empty()) {
    if (blob_ == nullptr) {
      base::Task<absl::Status> begin = BeginBlob();
      CAIRN_CO_RETURN_IF_ERROR(co_await begin);
    }
    const std::uint64_t room = environment_.blob_size_max - blob_size_;
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>(room, bytes.size()));
    base::Task<absl::Status> append = blob_->Append(bytes.first(size));
    CAIRN_CO_RETURN_IF_ERROR(co_await append);
    blob_size_ += size;
    bytes = bytes.subspan(size);
    if (blob_size_ == environment_.blob_size_max) {
      base::Task<absl::Status> seal = SealBlob();
      CAIRN_CO_RETURN_IF_ERROR(co_await seal);
    }
  }
  co_return absl::OkStatus();
}

base::Task<absl::Status> BodyWriter::BeginBlob() {
  std::optional<std::uint64_t> size;
  if (size_expected_.has_value()) {
    const std::uint64_t before = blobs_.size() * environment_.blob_size_max;
    size = std::min(*size_expected_ - std::min(before, *size_expected_),
                    environment_.blob_size_max);
  }
  base::Task<absl::StatusOr<std::unique_ptr<storage::BlobWriter>>> create =
      environment_.blobs.Create(kHome, size);
  CAIRN_CO_ASSIGN_OR_RETURN(blob_, co_await create);
  blob_size_ = 0;
  co_return absl::OkStatus();
}

base::Task<absl::Status> BodyWriter::SealBlob() {
  const std::unique_ptr<storage::BlobWriter> blob = std::move(blob_);
  base::Task<absl::StatusOr<storage::BlobRef>> seal = blob->Seal();
  CAIRN_CO_ASSIGN_OR_RETURN(storage::BlobRef ref, co_await seal);
  blobs_.push_back(std::move(ref));
  co_return absl::OkStatus();
}

base::Task<absl::StatusOr<Body>> BodyWriter::Finish() {
  CAIRN_CO_RETURN_IF_ERROR(failed_);
  if (blob_ != nullptr) {
    base::Task<absl::Status> seal = SealBlob();
    failed_ = co_await seal;
    CAIRN_CO_RETURN_IF_ERROR(failed_);
  }
  Body body{.size = size_, .in_memory = buffer_, .blobs = blobs_};
  if (md5_.has_value()) {
    CAIRN_CO_ASSIGN_OR_RETURN(body.md5, md5_->Finish());
  }
  co_return body;
}

}  // namespace cairn::object
