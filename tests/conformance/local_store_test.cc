// An erasure set over local drives keeps the contracts of storage/.

#include <memory>
#include <optional>
#include <utility>

#include "gtest/gtest.h"

#include "conformance/blob_store_suite.h"
#include "conformance/meta_store_suite.h"
#include "set/local_store.h"
#include "support/sim_set.h"

namespace cairn::storage {
namespace {

class LocalUnderTest : public StoreUnderTest {
 public:
  explicit LocalUnderTest(set::Geometry geometry)
      : image_(support::FormatImage(geometry, 1, std::uint64_t{64} << 20)),
        process_(std::in_place, image_, choices_,
                 support::SimProcess::Options()) {
    CAIRN_CHECK(process_->Open().ok());
    process_->set().StartCare();
    store_.emplace(process_->set());
  }

  MetaStore& meta() override { return *store_; }
  BlobStore& blobs() override { return *store_; }
  void Run(base::Task<> task) override {
    bool is_done = false;
    static constexpr auto kRun = [](base::Task<> body,
                                    bool& done) -> base::Task<> {
      co_await body;
      done = true;
    };
    process_->scope().Spawn(kRun(std::move(task), is_done));
    process_->loop().RunUntil([&] { return is_done; });
    CAIRN_CHECK(is_done);
  }
  std::size_t batch_size_refused() const override { return 8 << 20; }

 private:
  support::SeededRandom choices_{1};
  support::SetImage image_;
  std::optional<support::SimProcess> process_;
  std::optional<set::LocalStore> store_;
};

std::unique_ptr<StoreUnderTest> MakeSingle() {
  return std::make_unique<LocalUnderTest>(
      set::Geometry{.data = 1, .parity = 0});
}

std::unique_ptr<StoreUnderTest> MakeFourAndTwo() {
  return std::make_unique<LocalUnderTest>(
      set::Geometry{.data = 4, .parity = 2});
}

INSTANTIATE_TEST_SUITE_P(Local, MetaStoreSuite,
                         testing::Values(&MakeSingle, &MakeFourAndTwo));
INSTANTIATE_TEST_SUITE_P(Local, BlobStoreSuite,
                         testing::Values(&MakeSingle, &MakeFourAndTwo));

}  // namespace
}  // namespace cairn::storage
