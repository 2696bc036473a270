#include "format/drive_identity.h"

#include "base/status.h"
#include "digest/checksum.h"
#include "format/byte_io.h"

namespace cairn::format {
namespace {

constexpr std::uint32_t kIdentityMagic = 0x52494143;  // "CAIR"
constexpr std::uint16_t kIdentityVersion = 1;
constexpr std::size_t kIdentityChecksumOffset = 408;
constexpr std::uint32_t kPromiseMagic = 0x4d525043;  // "CPRM"
constexpr std::size_t kPromiseChecksumOffset = 24;

absl::Status Wrong(std::string_view what, std::string_view field) {
  return base::Error(ErrorCode::kCorrupt, "{}: wrong {}", what, field);
}

std::uint64_t Checksum(base::Bytes bytes, std::uint32_t magic) {
  return digest::Checksum64(bytes, digest::Identity({magic}));
}

void PutMembers(FieldWriter& fields, const std::vector<base::Uuid>& members) {
  CAIRN_CHECK(members.size() <= kDrivesMax);
  fields.Put(static_cast<std::uint32_t>(members.size()));
  for (const base::Uuid& member : members) fields.Put(member);
  fields.PutZeros((kDrivesMax - members.size()) * sizeof(base::Uuid));
}

bool GetMembers(FieldReader& fields, std::vector<base::Uuid>& members) {
  const auto count = fields.Get<std::uint32_t>();
  if (count == 0 || count > kDrivesMax) return false;
  for (std::uint32_t i = 0; i < count; ++i) members.push_back(fields.GetUuid());
  return fields.GetZeros((kDrivesMax - count) * sizeof(base::Uuid));
}

absl::Status CheckFields(const DriveIdentity& identity) {
  const auto count = identity.members.size();
  if (identity.role != DriveRole::kStore) {
    return base::Error(ErrorCode::kNewerFormat,
                       "cairn.format: a role that this program does not know");
  }
  // The sum of two numbers of 32 bits could wrap.
  if (identity.data_shards == 0 || identity.data_shards > count ||
      identity.parity_shards != count - identity.data_shards) {
    return Wrong("cairn.format", "geometry");
  }
  if (identity.position >= count) return Wrong("cairn.format", "position");
  return absl::OkStatus();
}

}  // namespace

IdentityBlock Encode(const DriveIdentity& identity) {
  IdentityBlock block{};
  FieldWriter fields(block);
  fields.Put(kIdentityMagic);
  fields.Put(kIdentityVersion);
  fields.Put(static_cast<std::uint8_t>(identity.role));
  fields.Put(identity.position);
  fields.Put(identity.deployment);
  fields.Put(identity.drive);
  fields.Put(identity.log);
  fields.Put(identity.pool);
  fields.Put(identity.set);
  fields.Put(identity.data_shards);
  fields.Put(identity.parity_shards);
  fields.Put(identity.log_size);
  fields.Put(std::uint32_t{0});
  PutMembers(fields, identity.members);
  CAIRN_CHECK(fields.offset() == kIdentityChecksumOffset);
  fields.Put(Checksum(base::Bytes(block).first(kIdentityChecksumOffset),
                      kIdentityMagic));
  return block;
}

absl::StatusOr<DriveIdentity> DecodeDriveIdentity(base::Bytes bytes) {
  constexpr std::string_view kWhat = "cairn.format";
  if (bytes.size() != kIdentityBlockSize) return Wrong(kWhat, "size");
  FieldReader fields(bytes);
  if (fields.Get<std::uint32_t>() != kIdentityMagic) {
    return Wrong(kWhat, "magic");
  }
  FieldReader tail(bytes.subspan(kIdentityChecksumOffset));
  if (tail.Get<std::uint64_t>() !=
      Checksum(bytes.first(kIdentityChecksumOffset), kIdentityMagic)) {
    return Wrong(kWhat, "checksum");
  }
  const auto version = fields.Get<std::uint16_t>();
  if (version != kIdentityVersion) {
    return base::Error(ErrorCode::kNewerFormat,
                       "cairn.format of version {}, this program knows {}",
                       version, kIdentityVersion);
  }
  if (!tail.GetZeros(tail.remaining())) return Wrong(kWhat, "reserved bytes");
  DriveIdentity identity;
  identity.role = static_cast<DriveRole>(fields.Get<std::uint8_t>());
  identity.position = fields.Get<std::uint8_t>();
  identity.deployment = fields.GetUuid();
  identity.drive = fields.GetUuid();
  identity.log = fields.GetUuid();
  identity.pool = fields.Get<std::uint32_t>();
  identity.set = fields.Get<std::uint32_t>();
  identity.data_shards = fields.Get<std::uint32_t>();
  identity.parity_shards = fields.Get<std::uint32_t>();
  identity.log_size = fields.Get<std::uint64_t>();
  if (fields.Get<std::uint32_t>() != 0) return Wrong(kWhat, "placement");
  if (!GetMembers(fields, identity.members)) return Wrong(kWhat, "members");
  CAIRN_RETURN_IF_ERROR(CheckFields(identity));
  return identity;
}

PromiseSlot Encode(const Promise& promise) {
  PromiseSlot slot{};
  FieldWriter fields(slot);
  fields.Put(kPromiseMagic);
  fields.Put(promise.epoch);
  fields.Put(promise.log);
  CAIRN_CHECK(fields.offset() == kPromiseChecksumOffset);
  fields.Put(
      Checksum(base::Bytes(slot).first(kPromiseChecksumOffset), kPromiseMagic));
  return slot;
}

absl::StatusOr<Promise> DecodePromise(base::Bytes bytes,
                                      const base::Uuid& log) {
  constexpr std::string_view kWhat = "promise";
  if (bytes.size() != kPromiseSlotSize) return Wrong(kWhat, "size");
  FieldReader fields(bytes);
  if (fields.Get<std::uint32_t>() != kPromiseMagic) {
    return Wrong(kWhat, "magic");
  }
  Promise promise;
  promise.epoch = fields.Get<std::uint32_t>();
  promise.log = fields.GetUuid();
  if (fields.Get<std::uint64_t>() !=
      Checksum(bytes.first(kPromiseChecksumOffset), kPromiseMagic)) {
    return Wrong(kWhat, "checksum");
  }
  if (!fields.GetZeros(fields.remaining())) {
    return Wrong(kWhat, "reserved bytes");
  }
  if (promise.log != log) {
    return base::Error(ErrorCode::kForeignDrive, "promise of log {}",
                       base::ToString(promise.log));
  }
  return promise;
}

}  // namespace cairn::format
