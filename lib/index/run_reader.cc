#include "index/run_reader.h"

#include <utility>

#include "fmt/format.h"

#include "base/check.h"
#include "base/status.h"

namespace cairn::index {
namespace {

using base::AlignedBuffer;
using base::Bytes;
using base::Task;

// Reads verified bytes. What the source has not had accepted is verified here,
// so that no source can forget it.
Task<absl::StatusOr<AlignedBuffer>> ReadVerified(BlockSource& source,
                                                 ByteRange range,
                                                 Verify verify) {
  const std::byte* accepted = nullptr;
  auto check = [&](Bytes bytes) -> absl::Status {
    if (bytes.size() != range.size) {
      return base::Error(ErrorCode::kCorrupt, "run: {} bytes read, {} wanted",
                         bytes.size(), range.size);
    }
    absl::Status status = verify(bytes);
    accepted = status.ok() ? bytes.data() : nullptr;
    return status;
  };
  Task<absl::StatusOr<AlignedBuffer>> read = source.Read(range, check);
  CAIRN_CO_ASSIGN_OR_RETURN(AlignedBuffer buffer, co_await read);
  const AlignedBuffer& bytes = buffer;
  if (bytes.bytes().data() != accepted) {
    CAIRN_CO_RETURN_IF_ERROR(check(bytes.bytes()));
  }
  co_return std::move(buffer);
}

Found FoundIn(BlockHandle block, std::string_view key) {
  const std::optional<format::RunRecord> record = block->block().Find(key);
  if (!record.has_value()) return {};
  return {.presence = PresenceOf(record->kind),
          .sequence = record->sequence,
          .value = record->value,
          .block = std::move(block)};
}

}  // namespace

RunReader::RunReader(Token /*token*/, RunReaderOptions options)
    : options_(std::move(options)) {
  CAIRN_CHECK(options_.source != nullptr && options_.cache != nullptr);
  cache_file_ = options_.cache->NewFile();
}

RunReader::~RunReader() {
  for (std::uint32_t i = 0; i < index_.block_count(); ++i) {
    options_.cache->Erase({.file = cache_file_, .number = i});
  }
}

Task<absl::StatusOr<std::shared_ptr<const RunReader>>> RunReader::Open(
    RunReaderOptions options) {
  const format::RunFileId id = options.id;
  auto reader = std::make_shared<RunReader>(Token(), std::move(options));
  Task<absl::Status> footer = reader->LoadFooter();
  absl::Status status = co_await footer;
  if (status.ok()) {
    Task<absl::Status> index = reader->LoadIndex();
    status = co_await index;
  }
  if (status.ok()) {
    Task<absl::Status> filter = reader->LoadFilter();
    status = co_await filter;
  }
  if (!status.ok()) {
    co_return base::Annotate(
        status, fmt::format("open run {} file {}", id.run, id.file));
  }
  co_return std::shared_ptr<const RunReader>(std::move(reader));
}

absl::StatusOr<format::RunFooter> RunReader::CheckFooter(Bytes bytes) const {
  CAIRN_ASSIGN_OR_RETURN(const format::RunFooter footer,
                         format::DecodeRunFooter(bytes));
  if (footer.id != options_.id) {
    return base::Error(ErrorCode::kCorrupt,
                       "run footer: it is another file's, run {} file {}",
                       footer.id.run, footer.id.file);
  }
  if (footer.file_size != options_.source->size()) {
    return base::Error(ErrorCode::kCorrupt,
                       "run footer: it tells of {} bytes, the file has {}",
                       footer.file_size, options_.source->size());
  }
  if (options_.digest.has_value() &&
      *options_.digest != format::RunFileDigest(bytes)) {
    return base::Error(ErrorCode::kCorrupt, "run footer: wrong digest");
  }
  return footer;
}

Task<absl::Status> RunReader::LoadFooter() {
  const std::uint64_t size = options_.source->size();
  if (size < format::kRunFooterSize || size % format::kRunAlignment != 0) {
    co_return base::Error(ErrorCode::kCorrupt, "run: a file of {} bytes", size);
  }
  auto verify = [this](Bytes bytes) -> absl::Status {
    return CheckFooter(bytes).status();
  };
  const ByteRange range = {.offset = size - format::kRunFooterSize,
                           .size = format::kRunFooterSize};
  auto read = ReadVerified(*options_.source, range, verify);
  CAIRN_CO_ASSIGN_OR_RETURN(AlignedBuffer buffer, co_await read);
  CAIRN_CO_ASSIGN_OR_RETURN(footer_, CheckFooter(buffer.bytes()));
  co_return absl::OkStatus();
}

Task<absl::Status> RunReader::LoadIndex() {
  auto verify = [this](Bytes bytes) -> absl::Status {
    return format::RunIndex::Decode(bytes, footer_).status();
  };
  const ByteRange range = {.offset = footer_.index_offset(),
                           .size = footer_.index_size};
  auto read = ReadVerified(*options_.source, range, verify);
  CAIRN_CO_ASSIGN_OR_RETURN(AlignedBuffer buffer, co_await read);
  CAIRN_CO_ASSIGN_OR_RETURN(index_,
                            format::RunIndex::Decode(buffer.bytes(), footer_));
  co_return absl::OkStatus();
}

Task<absl::Status> RunReader::LoadFilter() {
  if (footer_.filter_size == 0) co_return absl::OkStatus();
  auto verify = [this](Bytes bytes) -> absl::Status {
    if (format::RunFilterChecksum(footer_, bytes) != footer_.filter_checksum) {
      return base::Error(ErrorCode::kCorrupt, "run filter: wrong checksum");
    }
    return absl::OkStatus();
  };
  const ByteRange range = {.offset = footer_.filter_offset(),
                           .size = footer_.filter_size};
  auto read = ReadVerified(*options_.source, range, verify);
  CAIRN_CO_ASSIGN_OR_RETURN(filter_bytes_, co_await read);
  const AlignedBuffer& bytes = filter_bytes_;
  filter_ = format::RunFilter(
      bytes.bytes().first(footer_.filter_lines * format::kFilterLineSize));
  co_return absl::OkStatus();
}

std::size_t RunReader::memory_size() const {
  return sizeof(*this) + index_.memory_size() + filter_bytes_.size();
}

bool RunReader::MayContain(const Probe& probe) const {
  return index_.block_count() > 0 && filter_.MayContain(probe.hash) &&
         index_.bounds().smallest <= probe.key &&
         probe.key <= index_.bounds().largest;
}

std::optional<Found> RunReader::LookupCached(const Probe& probe) const {
  if (!MayContain(probe)) return Found();
  BlockHandle block = CachedBlock(index_.Find(probe.key));
  if (block == nullptr) return std::nullopt;
  return FoundIn(std::move(block), probe.key);
}

Task<absl::StatusOr<Found>> RunReader::Lookup(Probe probe) const {
  if (std::optional<Found> found = LookupCached(probe)) {
    co_return *std::move(found);
  }
  auto read = ReadBlock(index_.Find(probe.key), /*is_kept=*/true);
  CAIRN_CO_ASSIGN_OR_RETURN(BlockHandle block, co_await read);
  co_return FoundIn(std::move(block), probe.key);
}

BlockHandle RunReader::CachedBlock(std::uint32_t number) const {
  return options_.cache->Find({.file = cache_file_, .number = number});
}

absl::StatusOr<format::RunBlock> RunReader::CheckBlock(std::uint32_t number,
                                                       Bytes bytes) const {
  const format::RunBlockRef& ref = index_.block(number);
  CAIRN_ASSIGN_OR_RETURN(
      const format::RunBlock block,
      format::RunBlock::Decode(
          bytes,
          {.file = footer_.id, .number = ref.number, .offset = ref.offset}));
  if (block.checksum() != ref.checksum ||
      block.range() != index_.BlockRange(number)) {
    return base::Error(ErrorCode::kCorrupt,
                       "run block {}: not the one in the index", number);
  }
  if (block.sequence_min() <= footer_.from_sequence ||
      block.sequence_max() > footer_.to_sequence) {
    return base::Error(ErrorCode::kCorrupt, "run block {}: wrong sequences",
                       number);
  }
  return block;
}

Task<absl::StatusOr<BlockHandle>> RunReader::ReadBlock(std::uint32_t number,
                                                       bool is_kept) const {
  const format::RunBlockRef& ref = index_.block(number);
  std::optional<format::RunBlock> block;
  auto verify = [&](Bytes bytes) -> absl::Status {
    CAIRN_ASSIGN_OR_RETURN(block, CheckBlock(number, bytes));
    return absl::OkStatus();
  };
  const ByteRange range = {.offset = ref.offset, .size = ref.size};
  auto read = ReadVerified(*options_.source, range, verify);
  CAIRN_CO_ASSIGN_OR_RETURN(AlignedBuffer buffer, co_await read);
  BlockHandle loaded =
      std::make_shared<const LoadedBlock>(std::move(buffer), *block);
  if (!is_kept) co_return std::move(loaded);
  co_return options_.cache->Insert({.file = cache_file_, .number = number},
                                   std::move(loaded));
}

absl::Status RunReader::CheckSpan(Bytes bytes, BlockSpan& span) const {
  span.blocks.clear();
  for (std::uint32_t i = span.first; !bytes.empty(); ++i) {
    const std::size_t size = index_.block(i).size;
    CAIRN_ASSIGN_OR_RETURN(const format::RunBlock block,
                           CheckBlock(i, bytes.first(size)));
    span.blocks.push_back(block);
    bytes = bytes.subspan(size);
  }
  return absl::OkStatus();
}

Task<absl::StatusOr<BlockSpan>> RunReader::ReadSpan(
    std::uint32_t first, std::size_t size_max) const {
  ByteRange range = {.offset = index_.block(first).offset,
                     .size = index_.block(first).size};
  for (std::uint32_t i = first + 1; i < index_.block_count(); ++i) {
    if (range.size + index_.block(i).size > size_max) break;
    range.size += index_.block(i).size;
  }
  BlockSpan span{.first = first};
  auto verify = [&](Bytes bytes) -> absl::Status {
    return CheckSpan(bytes, span);
  };
  auto read = ReadVerified(*options_.source, range, verify);
  CAIRN_CO_ASSIGN_OR_RETURN(span.bytes, co_await read);
  co_return std::move(span);
}

}  // namespace cairn::index
