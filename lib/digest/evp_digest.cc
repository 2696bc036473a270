#include "digest/evp_digest.h"

#include <openssl/evp.h>

#include "base/check.h"
#include "base/status.h"

namespace cairn::digest {
namespace {

const EVP_MD* FunctionOf(EvpAlgorithm algorithm) {
  switch (algorithm) {
    case EvpAlgorithm::kMd5:
      return EVP_md5();
    case EvpAlgorithm::kSha256:
      return EVP_sha256();
  }
  return nullptr;
}

absl::Status Refused(const char* step) {
  return base::Error(ErrorCode::kInternal, "OpenSSL refused to {} a digest",
                     step);
}

}  // namespace

void EvpStream::Free::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

EvpStream::EvpStream(EvpAlgorithm algorithm) : context_(EVP_MD_CTX_new()) {
  if (context_ == nullptr ||
      EVP_DigestInit_ex2(context_.get(), FunctionOf(algorithm), nullptr) != 1) {
    status_ = Refused("begin");
  }
}

void EvpStream::Update(base::Bytes piece) {
  if (!status_.ok() || piece.empty()) return;
  CAIRN_CHECK(context_ != nullptr);
  if (EVP_DigestUpdate(context_.get(), piece.data(), piece.size()) != 1) {
    status_ = Refused("go on with");
  }
}

absl::Status EvpStream::Finish(base::MutableBytes digest) {
  if (!status_.ok()) return status_;
  CAIRN_CHECK(context_ != nullptr);
  CAIRN_CHECK(digest.size() ==
              static_cast<std::size_t>(EVP_MD_CTX_get_size(context_.get())));
  auto* to = reinterpret_cast<unsigned char*>(digest.data());
  if (EVP_DigestFinal_ex(context_.get(), to, nullptr) != 1) {
    status_ = Refused("end");
  }
  context_ = nullptr;
  return status_;
}

}  // namespace cairn::digest
