// MD5, for the ETags that S3 clients expect. Integrity rests on other sums.

#ifndef CAIRN_LIB_DIGEST_MD5_H_
#define CAIRN_LIB_DIGEST_MD5_H_

#include "digest/evp_digest.h"

namespace cairn::digest {

using Md5 = EvpDigest<EvpAlgorithm::kMd5, 16>;

}  // namespace cairn::digest

#endif  // CAIRN_LIB_DIGEST_MD5_H_
