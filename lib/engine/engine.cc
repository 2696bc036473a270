// The composition root: cairn::Engine on drives of this machine.

#include "cairn/engine.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/status.h"
#include "engine/heal.h"
#include "engine/info.h"
#include "engine/memory_budget.h"
#include "engine/object_reader.h"
#include "engine/parts.h"
#include "engine/put_stream.h"
#include "format/blob_file.h"

namespace cairn {
namespace engine {
namespace {

using drive::WaitKind;

// What a put holds while it is under way. A small one: the caller's bytes coded
// into shards, with parity, and in the frame. A large one: a piece, and two
// stripes with their parity.
constexpr std::uint64_t kSmallPutFactor = 4;
constexpr std::uint64_t kPutOverhead = 16 << 10;
constexpr std::uint64_t kStreamSize = 4 << 20;

// Of what is read from a source: it is copied, so it should still be in a cache
// by then.
constexpr std::size_t kSourcePieceMax = 64 << 10;

std::size_t StripeSizeOf(const set::Geometry& geometry) {
  return static_cast<std::size_t>(geometry.data) *
         format::BlobUnitFor(geometry.data, geometry.parity);
}

bool IsSmall(std::size_t size) { return size <= storage::kSmallBlobSizeMax; }

class LocalEngine : public Engine {
 public:
  explicit LocalEngine(std::unique_ptr<Parts> parts)
      : parts_(std::move(parts)),
        piece_size_(StripeSizeOf(parts_->set().geometry())) {}
  ~LocalEngine() override { Parts::Close(std::move(parts_)); }

  absl::Status CreateBucket(std::string_view bucket) override {
    CAIRN_RETURN_IF_ERROR(CheckWritable());
    return Await(store().CreateBucket(bucket), WaitKind::kGroup);
  }

  absl::StatusOr<BucketInfo> HeadBucket(std::string_view bucket) override {
    return Await(store().HeadBucket(bucket));
  }

  absl::Status DeleteBucket(std::string_view bucket) override {
    CAIRN_RETURN_IF_ERROR(CheckWritable());
    return Await(store().DeleteBucket(bucket), WaitKind::kGroup);
  }

  absl::StatusOr<BucketPage> ListBuckets(
      const ListBucketsOptions& options) override {
    return Await(store().ListBuckets(options));
  }

  absl::StatusOr<PutResult> Put(ObjectRef ref, std::span<const std::byte> body,
                                const PutOptions& options) override {
    if (!IsSmall(body.size())) {
      PiecesInMemory pieces(body, piece_size_);
      return PutAll(ref, pieces, options, body.size());
    }
    CAIRN_RETURN_IF_ERROR(CheckWritable());
    CAIRN_ASSIGN_OR_RETURN(
        const MemoryBudget::Share share,
        parts_->memory().Take(kPutOverhead + kSmallPutFactor * body.size()));
    return Await(store().Put(ref, body, options), WaitKind::kGroup);
  }

  absl::StatusOr<PutResult> Put(ObjectRef ref, ObjectSource& body,
                                const PutOptions& options) override {
    PiecesOfSource pieces(body, std::min(piece_size_, kSourcePieceMax));
    return PutAll(ref, pieces, options, body.size_expected());
  }

  absl::StatusOr<std::unique_ptr<ObjectReader>> Get(
      ObjectRef ref, const GetOptions& options) override {
    CAIRN_ASSIGN_OR_RETURN(std::unique_ptr<object::Reader> reader,
                           Await(store().Get(ref, options)));
    return std::make_unique<BlockingReader>(parts_->loop(), std::move(reader));
  }

  absl::StatusOr<ObjectInfo> Head(ObjectRef ref,
                                  const HeadOptions& options) override {
    return Await(store().Head(ref, options));
  }

  absl::Status Delete(ObjectRef ref, const DeleteOptions& options) override {
    CAIRN_RETURN_IF_ERROR(CheckWritable());
    return Await(store().Delete(ref, options), WaitKind::kGroup);
  }

  absl::StatusOr<ListPage> List(std::string_view bucket,
                                const ListOptions& options) override {
    return Await(store().List(bucket, options));
  }

  absl::StatusOr<EngineInfo> Info() override {
    return Await(ReadInfo(parts_.get()));
  }

  absl::StatusOr<HealReport> Heal(const HealOptions& options) override {
    CAIRN_RETURN_IF_ERROR(CheckWritable());
    return RunHealPass(*parts_, options);
  }

 private:
  object::Store& store() { return parts_->store(); }

  template <typename T>
  T Await(base::Task<T> task, WaitKind kind = WaitKind::kAlone) {
    return parts_->loop().Await(std::move(task), kind);
  }

  // Said before anything else is looked at, or written.
  absl::Status CheckWritable() {
    if (!parts_->set().is_read_only()) return absl::OkStatus();
    return base::Error(ErrorCode::kReadOnly,
                       "the engine was opened for reading only, or the last "
                       "commit is not decided");
  }

  absl::StatusOr<PutResult> PutAll(ObjectRef ref, Pieces& pieces,
                                   const PutOptions& options,
                                   std::optional<std::uint64_t> size) {
    CAIRN_RETURN_IF_ERROR(CheckWritable());
    CAIRN_ASSIGN_OR_RETURN(const MemoryBudget::Share share,
                           parts_->memory().Take(kStreamSize));
    CAIRN_ASSIGN_OR_RETURN(const std::unique_ptr<object::Writer> writer,
                           Await(store().BeginPut(ref, options, size)));
    return PutPieces(parts_->loop(), *writer, pieces);
  }

  std::unique_ptr<Parts> parts_;
  const std::size_t piece_size_;
};

}  // namespace
}  // namespace engine

absl::StatusOr<std::unique_ptr<Engine>> Engine::Open(
    const EngineOptions& options) {
  CAIRN_ASSIGN_OR_RETURN(std::unique_ptr<engine::Parts> parts,
                         engine::Parts::Open(options));
  return std::make_unique<engine::LocalEngine>(std::move(parts));
}

}  // namespace cairn
