#include "format/run_footer.h"

#include "base/status.h"
#include "digest/checksum.h"
#include "format/byte_io.h"
#include "format/run_filter.h"

namespace cairn::format {
namespace {

constexpr std::uint32_t kMagic = 0x4e555243;  // "CRUN"
constexpr std::uint16_t kVersion = 1;
constexpr std::uint64_t kFooterIdentity = 0x7265746f6f66206e;
constexpr std::size_t kChecksumSize = 8;

absl::Status Wrong(std::string_view field) {
  return base::Error(ErrorCode::kCorrupt, "run footer: wrong {}", field);
}

std::uint64_t FooterChecksum(base::Bytes footer) {
  return digest::Checksum64(footer.subspan(kChecksumSize), kFooterIdentity);
}

void PutFields(FieldWriter& fields, const RunFooter& footer) {
  fields.Put(footer.id.deployment);
  fields.Put(footer.id.set);
  fields.Put(footer.id.file);
  fields.Put(footer.id.run);
  fields.Put(footer.from_sequence);
  fields.Put(footer.to_sequence);
  fields.Put(footer.file_size);
  fields.Put(footer.record_count);
  fields.Put(footer.tombstone_count);
  fields.Put(footer.key_bytes);
  fields.Put(footer.value_bytes);
  fields.Put(footer.block_count);
  fields.Put(footer.index_size);
  fields.Put(footer.filter_size);
  fields.Put(footer.filter_lines);
  fields.Put(footer.index_checksum);
  fields.Put(footer.filter_checksum);
}

RunFooter GetFields(FieldReader& fields) {
  RunFooter footer;
  footer.id.deployment = fields.GetUuid();
  footer.id.set = fields.Get<std::uint32_t>();
  footer.id.file = fields.Get<std::uint32_t>();
  footer.id.run = fields.Get<std::uint64_t>();
  footer.from_sequence = fields.Get<std::uint64_t>();
  footer.to_sequence = fields.Get<std::uint64_t>();
  footer.file_size = fields.Get<std::uint64_t>();
  footer.record_count = fields.Get<std::uint64_t>();
  footer.tombstone_count = fields.Get<std::uint64_t>();
  footer.key_bytes = fields.Get<std::uint64_t>();
  footer.value_bytes = fields.Get<std::uint64_t>();
  footer.block_count = fields.Get<std::uint32_t>();
  footer.index_size = fields.Get<std::uint32_t>();
  footer.filter_size = fields.Get<std::uint32_t>();
  footer.filter_lines = fields.Get<std::uint32_t>();
  footer.index_checksum = fields.Get<std::uint64_t>();
  footer.filter_checksum = fields.Get<std::uint64_t>();
  return footer;
}

absl::Status CheckSizes(const RunFooter& footer) {
  if (footer.file_size % kRunAlignment != 0 ||
      footer.file_size > kRunFileSizeMax) {
    return Wrong("file size");
  }
  if (footer.index_size % kRunAlignment != 0) return Wrong("index size");
  if (footer.filter_size % kRunAlignment != 0) return Wrong("filter size");
  const std::uint64_t tail =
      std::uint64_t{footer.index_size} + footer.filter_size + kRunFooterSize;
  if (footer.file_size < tail) return Wrong("file size");
  if (footer.block_count > (footer.file_size - tail) / kRunAlignment) {
    return Wrong("block count");
  }
  if (footer.filter_size !=
      base::AlignUp(std::uint64_t{footer.filter_lines} * kFilterLineSize,
                    kRunAlignment)) {
    return Wrong("filter size");
  }
  return absl::OkStatus();
}

absl::Status CheckCounts(const RunFooter& footer) {
  if (footer.from_sequence > footer.to_sequence) return Wrong("sequences");
  // A record takes at least four bytes.
  if (footer.record_count > footer.file_size / 4 ||
      footer.record_count < footer.block_count ||
      (footer.record_count == 0) != (footer.block_count == 0)) {
    return Wrong("record count");
  }
  if (footer.tombstone_count > footer.record_count) {
    return Wrong("tombstone count");
  }
  if (footer.filter_lines != FilterLineCount(footer.record_count)) {
    return Wrong("filter lines");
  }
  return absl::OkStatus();
}

std::uint64_t PartChecksum(base::Bytes part, const RunPlace& place) {
  return digest::Checksum64(part, ChecksumIdentity(place));
}

}  // namespace

RunFooterBytes Encode(const RunFooter& footer) {
  RunFooterBytes bytes{};
  FieldWriter fields(bytes);
  fields.Put(std::uint64_t{0});
  fields.Put(kMagic);
  fields.Put(kVersion);
  fields.Put(std::uint16_t{0});
  PutFields(fields, footer);
  FieldWriter(bytes).Put(FooterChecksum(bytes));
  return bytes;
}

absl::StatusOr<RunFooter> DecodeRunFooter(base::Bytes bytes) {
  if (bytes.size() != kRunFooterSize) return Wrong("size");
  FieldReader fields(bytes);
  const auto checksum = fields.Get<std::uint64_t>();
  if (fields.Get<std::uint32_t>() != kMagic) return Wrong("magic");
  if (checksum != FooterChecksum(bytes)) return Wrong("checksum");
  const auto version = fields.Get<std::uint16_t>();
  if (version > kVersion) {
    return base::Error(ErrorCode::kNewerFormat,
                       "run footer: version {}, this is {}", version, kVersion);
  }
  if (version != kVersion) return Wrong("version");
  if (!fields.GetZeros(2)) return Wrong("reserved bytes");
  const RunFooter footer = GetFields(fields);
  if (!fields.GetZeros(fields.remaining())) return Wrong("padding");
  CAIRN_RETURN_IF_ERROR(CheckSizes(footer));
  CAIRN_RETURN_IF_ERROR(CheckCounts(footer));
  return footer;
}

base::Uuid RunFileDigest(base::Bytes footer) { return digest::Hash128(footer); }

std::uint64_t RunIndexChecksum(const RunFooter& footer, base::Bytes index) {
  return PartChecksum(index, {.file = footer.id,
                              .part = RunPart::kIndex,
                              .offset = footer.index_offset()});
}

std::uint64_t RunFilterChecksum(const RunFooter& footer, base::Bytes filter) {
  return PartChecksum(filter, {.file = footer.id,
                               .part = RunPart::kFilter,
                               .offset = footer.filter_offset()});
}

}  // namespace cairn::format
