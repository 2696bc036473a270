// Objects: how they are named, what is known of them, and the options of the
// calls that put, get and delete them.

#ifndef CAIRN_OBJECT_H_
#define CAIRN_OBJECT_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "cairn/byte_range.h"

namespace cairn {

// Names an object. A key is 1 .. kKeySizeMax bytes of valid UTF-8 and nothing
// else: it is no path, so "a", "a/b", "a//b" and "../a" are four keys that have
// nothing to do with each other. Keys are compared and listed by their bytes.
//
// Lifetime: borrows both texts; they outlive the call.
struct ObjectRef {
  std::string_view bucket;
  std::string_view key;
};

inline constexpr std::size_t kKeySizeMax = 1024;
inline constexpr std::uint64_t kObjectSizeMax = std::uint64_t{5} << 40;

// Text that travels with an object and means nothing to the engine; empty where
// it was not given. Names and values are HTTP's: valid UTF-8 without control
// characters.
struct ContentHeaders {
  std::string content_type;
  std::string content_encoding;
  std::string content_language;
  std::string content_disposition;
  std::string cache_control;
  std::string expires;

  friend bool operator==(const ContentHeaders&,
                         const ContentHeaders&) = default;
};

// Of all values together.
inline constexpr std::size_t kContentHeadersSizeMax = 4096;

// Names are tokens of HTTP in lower case (letters, digits, "-", "_", "." and
// the like), values are valid UTF-8 without control characters.
using UserMetadata = std::map<std::string, std::string>;

// Of all names and values together.
inline constexpr std::size_t kUserMetadataSizeMax = 2048;

// An ETag is 32 lower-case hexadecimal digits, without quotes: the validator of
// an object. Treat it as opaque where you do not know how the object was put.
//
// A condition is empty (no condition), an ETag, or "*", which stands for that
// of whatever object is there.

enum class ETagKind {
  // Random, new with every put. Costs nothing, and a condition on it notices
  // that an object was replaced by its like.
  kOpaque,
  // The MD5 of the object's bytes, as clients of S3 expect it: 0.8 GB/s of one
  // core. The same bytes put again have the same ETag. kInternal where the
  // host's OpenSSL refuses MD5, as a FIPS provider does.
  kMd5,
};

struct PutOptions {
  ContentHeaders headers;
  UserMetadata metadata;
  ETagKind etag = ETagKind::kOpaque;

  // Puts only over the object that has this ETag. Over none: kNoSuchKey; over
  // another: kPreconditionFailed.
  std::string if_match;

  // Puts only where no object has this ETag; "*": only where there is none.
  // Else kPreconditionFailed.
  std::string if_none_match;
};

struct PutResult {
  std::string etag;
  std::chrono::system_clock::time_point last_modified;
  // Whether an object had been there.
  bool replaced = false;
};

// What is known of an object.
struct ObjectInfo {
  std::string key;
  std::uint64_t size = 0;  // bytes
  std::string etag;
  // When it was put, by the clock of the host, in whole milliseconds. Orders
  // nothing: that clock may have been set back since.
  std::chrono::system_clock::time_point last_modified;
  ContentHeaders headers;
  UserMetadata metadata;
};

struct GetOptions {
  // nullopt: all of it. A range without a single byte is kInvalidRange.
  std::optional<ByteRange> range;

  // Gets only the object that has this ETag, else kPreconditionFailed.
  std::string if_match;

  // Gets only an object that has another ETag, else kNotModified: what the
  // caller has is still current.
  std::string if_none_match;
};

struct HeadOptions {
  std::string if_match;       // as in GetOptions
  std::string if_none_match;  // as in GetOptions
};

struct DeleteOptions {
  // Deletes only the object that has this ETag. Where there is none:
  // kNoSuchKey; another: kPreconditionFailed.
  std::string if_match;
};

}  // namespace cairn

#endif  // CAIRN_OBJECT_H_
