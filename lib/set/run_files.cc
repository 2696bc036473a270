#include "set/run_files.h"

#include <algorithm>
#include <cstring>

namespace cairn::set {

base::Task<> RunFiles::WritePiece() {
  if (piece_size_ == 0) co_return;
  auto piece = std::exchange(piece_, nullptr);
  if (piece_size_ < piece->size()) {
    auto rest = std::make_shared<base::AlignedBuffer>(piece_size_);
    std::memcpy(rest->bytes().data(), piece->bytes().data(), piece_size_);
    piece = std::move(rest);
  }
  piece_size_ = 0;
  digest_.Append(piece->bytes());
  base::Task<> append = file_->AppendSame(std::move(piece));
  co_await append;
}

// The pieces of the file are those that its digest is made of.
base::Task<absl::Status> RunFiles::Write(std::uint32_t file,
                                         std::uint64_t offset,
                                         base::Bytes bytes) {
  if (offset == 0) {
    const format::RunFile named{.id = run_id_, .file = file};
    file_ = std::make_unique<SetFile>(context_, targets_, RunPath(named));
    digest_ = PieceDigest();
    base::Task<> create = file_->Create();
    co_await create;
  }
  while (!bytes.empty()) {
    if (piece_ == nullptr) {
      piece_ = std::make_shared<base::AlignedBuffer>(PieceDigest::kPieceSize);
    }
    const std::size_t size =
        std::min(bytes.size(), PieceDigest::kPieceSize - piece_size_);
    std::memcpy(piece_->bytes().data() + piece_size_, bytes.data(), size);
    piece_size_ += size;
    bytes = bytes.subspan(size);
    if (piece_size_ < PieceDigest::kPieceSize) continue;
    base::Task<> write = WritePiece();
    co_await write;
  }
  co_return absl::OkStatus();
}

base::Task<absl::Status> RunFiles::Finish(index::WrittenRunFile file) {
  base::Task<> write = WritePiece();
  co_await write;
  base::Task<> seal = file_->Seal();
  co_await seal;
  files_.push_back({.id = run_id_,
                    .file = file.footer.id.file,
                    .from_sequence = file.footer.from_sequence,
                    .to_sequence = file.footer.to_sequence,
                    .size = file_->size(),
                    .digest = digest_.Finish()});
  co_return absl::OkStatus();
}

}  // namespace cairn::set
