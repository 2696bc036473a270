#include "base/status.h"

#include <array>
#include <optional>

#include "absl/strings/cord.h"

namespace cairn {
namespace {

constexpr char kPayloadUrl[] = "cairn/error-code";

struct Named {
  ErrorCode code;
  std::string_view name;
};

constexpr std::array kNames = {
    Named{ErrorCode::kOk, "Ok"},
    Named{ErrorCode::kInvalidArgument, "InvalidArgument"},
    Named{ErrorCode::kInvalidKey, "InvalidKey"},
    Named{ErrorCode::kInvalidBucketName, "InvalidBucketName"},
    Named{ErrorCode::kInvalidGeometry, "InvalidGeometry"},
    Named{ErrorCode::kInvalidRange, "InvalidRange"},
    Named{ErrorCode::kInvalidContinuation, "InvalidContinuation"},
    Named{ErrorCode::kMetadataTooLarge, "MetadataTooLarge"},
    Named{ErrorCode::kBatchTooLarge, "BatchTooLarge"},
    Named{ErrorCode::kObjectTooLarge, "ObjectTooLarge"},
    Named{ErrorCode::kNoSuchBucket, "NoSuchBucket"},
    Named{ErrorCode::kNoSuchKey, "NoSuchKey"},
    Named{ErrorCode::kPreconditionFailed, "PreconditionFailed"},
    Named{ErrorCode::kBucketNotEmpty, "BucketNotEmpty"},
    Named{ErrorCode::kBucketAlreadyExists, "BucketAlreadyExists"},
    Named{ErrorCode::kWrongDeployment, "WrongDeployment"},
    Named{ErrorCode::kDuplicateDrive, "DuplicateDrive"},
    Named{ErrorCode::kDriveInUse, "DriveInUse"},
    Named{ErrorCode::kNewerFormat, "NewerFormat"},
    Named{ErrorCode::kForeignDrive, "ForeignDrive"},
    Named{ErrorCode::kReadOnly, "ReadOnly"},
    Named{ErrorCode::kNotModified, "NotModified"},
    Named{ErrorCode::kUnavailable, "Unavailable"},
    Named{ErrorCode::kQuorumLost, "QuorumLost"},
    Named{ErrorCode::kUndecided, "Undecided"},
    Named{ErrorCode::kBusy, "Busy"},
    Named{ErrorCode::kDriveFailed, "DriveFailed"},
    Named{ErrorCode::kUnrecoverable, "Unrecoverable"},
    Named{ErrorCode::kCorrupt, "Corrupt"},
    Named{ErrorCode::kOutcomeUnknown, "OutcomeUnknown"},
    Named{ErrorCode::kConflict, "Conflict"},
    Named{ErrorCode::kDriveFull, "DriveFull"},
    Named{ErrorCode::kInternal, "Internal"},
};

bool IsListed(std::int32_t value) {
  for (const Named& named : kNames) {
    if (static_cast<std::int32_t>(named.code) == value) return true;
  }
  return false;
}

std::optional<ErrorCode> PayloadOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayloadUrl);
  if (!payload.has_value()) return std::nullopt;
  std::int32_t value = 0;
  for (const char digit : std::string(*payload)) {
    if (digit < '0' || digit > '9' || value > 99999) return std::nullopt;
    value = value * 10 + (digit - '0');
  }
  if (!IsListed(value)) return std::nullopt;
  return static_cast<ErrorCode>(value);
}

ErrorCode FirstCodeOf(absl::StatusCode status_class) {
  switch (status_class) {
    case absl::StatusCode::kOk:
      return ErrorCode::kOk;
    case absl::StatusCode::kInvalidArgument:
      return ErrorCode::kInvalidArgument;
    case absl::StatusCode::kNotFound:
      return ErrorCode::kNoSuchBucket;
    case absl::StatusCode::kFailedPrecondition:
      return ErrorCode::kPreconditionFailed;
    case absl::StatusCode::kUnavailable:
      return ErrorCode::kUnavailable;
    case absl::StatusCode::kDataLoss:
      return ErrorCode::kUnrecoverable;
    case absl::StatusCode::kAborted:
      return ErrorCode::kOutcomeUnknown;
    case absl::StatusCode::kResourceExhausted:
      return ErrorCode::kDriveFull;
    default:
      return ErrorCode::kInternal;
  }
}

}  // namespace

ErrorCode CodeOf(const absl::Status& status) {
  if (status.ok()) return ErrorCode::kOk;
  return PayloadOf(status).value_or(FirstCodeOf(status.code()));
}

std::string_view NameOf(ErrorCode code) {
  for (const Named& named : kNames) {
    if (named.code == code) return named.name;
  }
  return "Unknown";
}

namespace base {

absl::StatusCode ClassOf(ErrorCode code) {
  switch (static_cast<std::int32_t>(code) / 100) {
    case 0:
      return absl::StatusCode::kOk;
    case 1:
      return absl::StatusCode::kInvalidArgument;
    case 2:
      return absl::StatusCode::kNotFound;
    case 3:
      return absl::StatusCode::kFailedPrecondition;
    case 4:
      return absl::StatusCode::kUnavailable;
    case 5:
      return absl::StatusCode::kDataLoss;
    case 6:
      return absl::StatusCode::kAborted;
    case 7:
      return absl::StatusCode::kResourceExhausted;
    default:
      return absl::StatusCode::kInternal;
  }
}

absl::Status MakeError(ErrorCode code, std::string_view message) {
  absl::Status status(ClassOf(code),
                      absl::string_view(message.data(), message.size()));
  // No temporary: for the constructor that takes one, Clang and the GCC that
  // built Abseil have different symbols.
  const std::string number = std::to_string(static_cast<int>(code));
  status.SetPayload(kPayloadUrl, absl::Cord(number));
  return status;
}

absl::Status Annotate(const absl::Status& status, std::string_view context) {
  if (status.ok()) return status;
  const std::string message = fmt::format(
      "{}: {}", context,
      std::string_view(status.message().data(), status.message().size()));
  absl::Status annotated(status.code(), message);
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    annotated.SetPayload(url, payload);
  });
  return annotated;
}

}  // namespace base
}  // namespace cairn
