// SHA-256, for the checksums and signatures of S3.

#ifndef CAIRN_LIB_DIGEST_SHA256_H_
#define CAIRN_LIB_DIGEST_SHA256_H_

#include "digest/evp_digest.h"

namespace cairn::digest {

using Sha256 = EvpDigest<EvpAlgorithm::kSha256, 32>;

}  // namespace cairn::digest

#endif  // CAIRN_LIB_DIGEST_SHA256_H_
