// Buckets: name spaces of objects.

#ifndef CAIRN_BUCKET_H_
#define CAIRN_BUCKET_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace cairn {

// The name of a bucket follows the rules of S3: 3 .. 63 lower-case letters,
// digits, "-" and "."; a letter or digit at both ends; no two dots in a row;
// not the form of an IPv4 address; none of the prefixes and suffixes that S3
// keeps for itself ("xn--", "sthree-", "amzn-s3-demo-"; "-s3alias", "--ol-s3",
// ".mrap", "--x-s3", "--table-s3").

struct BucketSummary {
  std::string name;
  std::chrono::system_clock::time_point created;  // in whole milliseconds
};

struct BucketInfo {
  std::string name;
  std::chrono::system_clock::time_point created;  // in whole milliseconds

  // Exact at one moment during the call.
  std::uint64_t object_count = 0;
  std::uint64_t object_bytes = 0;
};

struct ListBucketsOptions {
  std::string prefix;
  std::string start_after;  // the last name of the page before
  int page_size = 1000;     // 1 .. 1000
};

struct BucketPage {
  std::vector<BucketSummary> buckets;  // in the order of their names
  // Whether there are more behind the last one.
  bool is_truncated = false;
};

}  // namespace cairn

#endif  // CAIRN_BUCKET_H_
