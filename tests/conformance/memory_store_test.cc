// The store in memory keeps the contracts of storage/, so that what is tested
// on it is tested on what it stands for.

#include <memory>
#include <utility>

#include "gtest/gtest.h"

#include "conformance/blob_store_suite.h"
#include "conformance/meta_store_suite.h"
#include "support/memory_store.h"

namespace cairn::storage {
namespace {

class MemoryUnderTest : public StoreUnderTest {
 public:
  MetaStore& meta() override { return memory_; }
  BlobStore& blobs() override { return memory_; }
  void Run(base::Task<> task) override {
    base::TaskScope scope;
    scope.Spawn(std::move(task));
    CAIRN_CHECK(scope.empty());
  }
  std::size_t batch_size_refused() const override {
    return support::MemoryStore::kBatchSizeMax + 1;
  }

 private:
  support::MemoryStore memory_;
};

std::unique_ptr<StoreUnderTest> MakeMemory() {
  return std::make_unique<MemoryUnderTest>();
}

INSTANTIATE_TEST_SUITE_P(Memory, MetaStoreSuite, testing::Values(&MakeMemory));
INSTANTIATE_TEST_SUITE_P(Memory, BlobStoreSuite, testing::Values(&MakeMemory));

}  // namespace
}  // namespace cairn::storage
