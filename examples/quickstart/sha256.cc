#include "quickstart/sha256.h"

#include <iostream>

namespace quickstart {
namespace {

// Without its digests nothing that this program says would be true.
void Require(bool done) {
  if (done) return;
  std::cerr << "OpenSSL refused to compute a SHA-256\n";
  std::abort();
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  Require(context_ != nullptr &&
          EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
}

void Sha256::Update(std::span<const std::byte> piece) {
  Require(EVP_DigestUpdate(context_.get(), piece.data(), piece.size()) == 1);
}

Digest Sha256::Finish() {
  Digest digest{};
  Require(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1);
  return digest;
}

}  // namespace quickstart
