// Digests over OpenSSL's EVP, whose own code is the fastest for one stream.

#ifndef CAIRN_LIB_DIGEST_EVP_DIGEST_H_
#define CAIRN_LIB_DIGEST_EVP_DIGEST_H_

#include <array>
#include <cstddef>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "base/bytes.h"

struct evp_md_ctx_st;

namespace cairn::digest {

enum class EvpAlgorithm { kMd5, kSha256 };

// One digest under way.
//
// Thread safety: one thread at a time.
// Failure:       the first failure is kept and returned at the end.
class EvpStream {
 public:
  explicit EvpStream(EvpAlgorithm algorithm);

  void Update(base::Bytes piece);

  // Fills `digest`, which is as large as the algorithm makes it. Ends the
  // stream: only destroying it is allowed afterwards.
  absl::Status Finish(base::MutableBytes digest);

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };

  std::unique_ptr<evp_md_ctx_st, Free> context_;
  absl::Status status_;
};

// Md5 and Sha256 are this; see there.
template <EvpAlgorithm kAlgorithm, std::size_t kSize>
class EvpDigest {
 public:
  using Value = std::array<std::byte, kSize>;

  // Goes on with `piece`.
  void Update(base::Bytes piece) { stream_.Update(piece); }

  // The digest of all pieces. Ends the stream: only destroying it is allowed
  // afterwards.
  //
  // Errors: kInternal when OpenSSL refuses, as a FIPS provider does for MD5.
  absl::StatusOr<Value> Finish() {
    Value value{};
    absl::Status status = stream_.Finish(value);
    if (!status.ok()) return status;
    return value;
  }

 private:
  EvpStream stream_{kAlgorithm};
};

}  // namespace cairn::digest

#endif  // CAIRN_LIB_DIGEST_EVP_DIGEST_H_
