// SHA-256, by OpenSSL.

#ifndef CAIRN_EXAMPLES_QUICKSTART_SHA256_H_
#define CAIRN_EXAMPLES_QUICKSTART_SHA256_H_

#include <array>
#include <cstddef>
#include <memory>
#include <span>

#include <openssl/evp.h>

namespace quickstart {

using Digest = std::array<unsigned char, 32>;

class Sha256 {
 public:
  Sha256();

  void Update(std::span<const std::byte> piece);

  // Of all pieces, in their order. Nothing may follow.
  Digest Finish();

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };

  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace quickstart

#endif  // CAIRN_EXAMPLES_QUICKSTART_SHA256_H_
