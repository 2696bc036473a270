#include "set/set_contents.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "fmt/format.h"

#include "base/check.h"
#include "base/status.h"
#include "digest/checksum.h"
#include "drive/file_task.h"
#include "format/byte_io.h"
#include "format/pack.h"
#include "set/set_file.h"

namespace cairn::set {
namespace {

// A file gets its name when it is whole and durable: what has the name needs no
// second look after a crash.
constexpr char kNewSuffix[] = ".new";

using OpenedFile = std::shared_ptr<drive::File>;

// Opens a file if it is there with this size, and in time.
base::Task<OpenedFile> OpenWhole(const WriteContext& context,
                                 drive::Drive* drive, std::string path,
                                 std::uint64_t size) {
  static constexpr auto kOpen =
      [](drive::Drive* from, std::string name,
         std::shared_ptr<OpenedFile> into) -> base::Task<absl::Status> {
    auto file = co_await drive::Open(*from, std::move(name));
    if (!file.ok()) co_return file.status();
    *into = *std::move(file);
    co_return absl::OkStatus();
  };
  const auto file = std::make_shared<OpenedFile>();
  base::Task<absl::Status> open =
      Within(context, kOpen(drive, std::move(path), file));
  const absl::Status opened = co_await open;
  if (!opened.ok() || (*file)->size() != size) co_return nullptr;
  co_return *file;
}

base::Task<bool> HasFile(const FillRequest& request, std::string path,
                         std::uint64_t size) {
  const OpenedFile file = co_await OpenWhole(request.write, request.to.drive,
                                             std::move(path), size);
  co_return file != nullptr;
}

base::Task<absl::Status> ReadWithin(const WriteContext& context,
                                    OpenedFile file, std::uint64_t offset,
                                    std::shared_ptr<base::AlignedBuffer> into) {
  static constexpr auto kRead = [](OpenedFile from, std::uint64_t begin,
                                   std::shared_ptr<base::AlignedBuffer> bytes)
      -> base::Task<absl::Status> {
    co_return co_await drive::Read(*from, begin, bytes->bytes());
  };
  base::Task<absl::Status> read =
      Within(context, kRead(std::move(file), offset, std::move(into)));
  co_return co_await read;
}

// A late answer of the drive that is filled counts as a failure, like any
// other.
absl::Status Judge(const FillRequest& request, absl::Status status) {
  if (!status.ok()) request.write.on_failure(request.to.position);
  return status;
}

std::vector<SetFileTarget> TargetsOf(const FillRequest& request) {
  return {{.position = request.to.position, .drive = request.to.drive}};
}

base::Task<absl::Status> RemoveOldNew(const FillRequest& request,
                                      std::string path) {
  base::Task<absl::Status> remove =
      RemoveWithin(request.write, request.to.drive, path + kNewSuffix);
  const absl::Status removed = co_await remove;
  if (absl::IsNotFound(removed)) co_return absl::OkStatus();
  co_return Judge(request, removed);
}

base::Task<absl::Status> NameNew(const FillRequest& request, std::string path) {
  static constexpr auto kRename =
      [](drive::Drive* drive, std::string name) -> base::Task<absl::Status> {
    co_return co_await drive::Rename(*drive, name + kNewSuffix, name);
  };
  base::Task<absl::Status> rename =
      Within(request.write, kRename(request.to.drive, std::move(path)));
  co_return Judge(request, co_await rename);
}

// Copies `from` to the new file `to` and checks it on the way.
base::Task<absl::Status> CopyPieces(const WriteContext& context,
                                    OpenedFile from, SetFile& to,
                                    format::RunFile run) {
  PieceDigest digest;
  for (std::uint64_t offset = 0; offset < run.size;) {
    const std::uint64_t size =
        std::min<std::uint64_t>(PieceDigest::kPieceSize, run.size - offset);
    const auto piece = std::make_shared<base::AlignedBuffer>(size);
    base::Task<absl::Status> read = ReadWithin(context, from, offset, piece);
    CAIRN_CO_RETURN_IF_ERROR(co_await read);
    digest.Append(piece->bytes());
    base::Task<> append = to.AppendSame(piece);
    co_await append;
    offset += size;
  }
  if (digest.Finish() != run.digest) {
    co_return base::Error(ErrorCode::kCorrupt, "run {}: wrong digest", run.id);
  }
  co_return absl::OkStatus();
}

// A pack being decoded: the columns of one tile, as far as peers have them.
class PackDecoder {
 public:
  PackDecoder(const FillRequest& request, format::PackFile pack)
      : request_(request), pack_(pack) {}

  base::Task<absl::Status> Run();

 private:
  base::Task<absl::Status> DecodeTile(std::uint64_t offset, std::uint64_t size);
  using Column = std::shared_ptr<base::AlignedBuffer>;
  base::Task<bool> ReadColumn(std::size_t peer, std::uint64_t offset,
                              Column column);

  const FillRequest& request_;
  format::PackFile pack_;
  std::vector<OpenedFile> files_;
  std::shared_ptr<base::AlignedBuffer> rebuilt_;
};

base::Task<bool> PackDecoder::ReadColumn(std::size_t peer, std::uint64_t offset,
                                         Column column) {
  if (files_[peer] == nullptr) co_return false;
  base::Task<absl::Status> reading =
      ReadWithin(request_.write, files_[peer], offset, column);
  const absl::Status read = co_await reading;
  if (!read.ok()) {
    files_[peer] = nullptr;  // It is not waited for with every tile.
    co_return false;
  }
  const format::PackBlockPlace place{
      .deployment = request_.deployment,
      .pack = pack_.id,
      .position = static_cast<std::uint32_t>(request_.peers[peer].position),
      .block = offset / format::kPackBlockSize};
  co_return format::OpenBlocks(column->bytes(), place).ok();
}

base::Task<absl::Status> PackDecoder::DecodeTile(std::uint64_t offset,
                                                 std::uint64_t size) {
  const auto total =
      static_cast<std::size_t>(request_.codec.geometry().total_shards());
  const std::size_t payload_size =
      size / format::kPackBlockSize * format::kPackBlockPayloadSize;
  std::vector<Column> columns;
  std::vector<bool> present(total, false);
  for (std::size_t i = 0; i < total; ++i) {
    columns.push_back(std::make_shared<base::AlignedBuffer>(size));
  }
  const auto needed =
      static_cast<std::ptrdiff_t>(request_.codec.geometry().data_shards);
  for (std::size_t i = 0; i < request_.peers.size(); ++i) {
    if (std::ranges::count(present, true) == needed) break;
    const auto position = static_cast<std::size_t>(request_.peers[i].position);
    if (present[position]) continue;
    present[position] = co_await ReadColumn(i, offset, columns[position]);
  }
  std::vector<erasure::Shard> shards;
  for (const Column& column : columns) {
    shards.push_back(column->bytes().first(payload_size));
  }
  CAIRN_CO_RETURN_IF_ERROR(request_.codec.Reconstruct(shards, present));
  const auto wanted = static_cast<std::size_t>(request_.to.position);
  rebuilt_ = std::make_shared<base::AlignedBuffer>(size);
  format::SealColumn(
      shards[wanted],
      {.deployment = request_.deployment,
       .pack = pack_.id,
       .position = static_cast<std::uint32_t>(request_.to.position),
       .block = offset / format::kPackBlockSize},
      rebuilt_->bytes());
  co_return absl::OkStatus();
}

base::Task<absl::Status> PackDecoder::Run() {
  const std::string path = PackPath(pack_.id);
  for (const ContentsPeer& peer : request_.peers) {
    base::Task<OpenedFile> open =
        OpenWhole(request_.write, peer.drive, path, pack_.size);
    files_.push_back(co_await open);
  }
  base::Task<absl::Status> remove = RemoveOldNew(request_, path);
  CAIRN_CO_RETURN_IF_ERROR(co_await remove);
  SetFile to(request_.write, TargetsOf(request_), path + kNewSuffix);
  co_await to.Create();
  for (std::uint64_t offset = 0; offset < pack_.size;) {
    const std::uint64_t size =
        std::min<std::uint64_t>(format::kColumnSizeMax, pack_.size - offset);
    CAIRN_CO_RETURN_IF_ERROR(co_await DecodeTile(offset, size));
    base::Task<> append = to.AppendSame(rebuilt_);
    co_await append;
    offset += size;
  }
  co_await to.Seal();
  CAIRN_CO_RETURN_IF_ERROR(to.status());
  base::Task<absl::Status> name = NameNew(request_, path);
  co_return co_await name;
}

}  // namespace

std::string RunPath(const format::RunFile& run) {
  return fmt::format("runs/{:016x}-{:04x}", run.id, run.file);
}

std::string PackPath(std::uint64_t id) {
  return fmt::format("packs/{:016x}", id);
}

void PieceDigest::Append(base::Bytes piece) {
  pieces_.push_back(digest::Hash128(piece));
}

base::Uuid PieceDigest::Finish() const {
  std::vector<std::byte> bytes;
  format::FieldAppender fields(bytes);
  for (const base::Uuid& piece : pieces_) fields.Put(piece);
  return digest::Hash128(bytes);
}

base::Task<absl::StatusOr<bool>> FillRun(FillRequest request,
                                         format::RunFile run) {
  const std::string path = RunPath(run);
  base::Task<bool> has = HasFile(request, path, run.size);
  if (co_await has) co_return false;
  for (const ContentsPeer& peer : request.peers) {
    base::Task<OpenedFile> open =
        OpenWhole(request.write, peer.drive, path, run.size);
    OpenedFile from = co_await open;
    if (from == nullptr) continue;
    base::Task<absl::Status> remove = RemoveOldNew(request, path);
    CAIRN_CO_RETURN_IF_ERROR(co_await remove);
    SetFile to(request.write, TargetsOf(request), path + kNewSuffix);
    co_await to.Create();
    base::Task<absl::Status> copy =
        CopyPieces(request.write, std::move(from), to, run);
    const absl::Status copied = co_await copy;
    co_await to.Seal();
    CAIRN_CO_RETURN_IF_ERROR(to.status());
    if (!copied.ok()) continue;
    base::Task<absl::Status> name = NameNew(request, path);
    CAIRN_CO_RETURN_IF_ERROR(co_await name);
    co_return true;
  }
  co_return base::Error(ErrorCode::kUnrecoverable, "no drive has run {} whole",
                        run.id);
}

base::Task<absl::Status> FillRuns(FillRequest request,
                                  std::vector<format::RunFile> runs) {
  for (const format::RunFile& run : runs) {
    base::Task<absl::StatusOr<bool>> fill = FillRun(request, run);
    const absl::StatusOr<bool> filled = co_await fill;
    if (!filled.ok()) co_return filled.status();
  }
  co_return absl::OkStatus();
}

base::Task<absl::StatusOr<bool>> FillPack(FillRequest request,
                                          format::PackFile pack) {
  base::Task<bool> has = HasFile(request, PackPath(pack.id), pack.size);
  if (co_await has) co_return false;
  PackDecoder decoder(request, pack);
  base::Task<absl::Status> decode = decoder.Run();
  CAIRN_CO_RETURN_IF_ERROR(co_await decode);
  co_return true;
}

}  // namespace cairn::set
