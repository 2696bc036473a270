// Synced puts to RocksDB, the store that a program would link in instead.

#include <array>
#include <cinttypes>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "rocksdb/db.h"
#include "rocksdb/options.h"

#include "support/fail.h"
#include "support/measurement.h"
#include "support/options.h"
#include "support/random.h"

namespace cairn::bench {
namespace {

struct RocksdbOptions {
  CommonOptions common;
  std::uint64_t keys = 1'000'000;
  std::string variant = "tuned";
};

void Check(const rocksdb::Status& status) {
  if (!status.ok()) Fail("RocksDB: " + status.ToString());
}

// What a program of this size would set anyway: memory for bursts, all cores
// for the background, logs that are used again so that a sync of one changes
// no metadata, no compression of what does not compress.
rocksdb::Options Tuned() {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.error_if_exists = true;
  options.compression = rocksdb::kNoCompression;
  options.write_buffer_size = std::size_t{128} << 20;
  options.max_write_buffer_number = 4;
  options.recycle_log_file_num = 4;
  options.level0_slowdown_writes_trigger = 40;
  options.level0_stop_writes_trigger = 60;
  options.use_direct_io_for_flush_and_compaction = true;
  options.IncreaseParallelism(
      static_cast<int>(std::thread::hardware_concurrency()));
  return options;
}

using Change = void (*)(rocksdb::Options&);

const std::map<std::string, Change>& Variants() {
  static const std::map<std::string, Change> variants = {
      {"tuned", [](rocksdb::Options&) {}},
      {"pipelined",
       [](rocksdb::Options& options) {
         options.enable_pipelined_write = true;
       }},
      {"unordered",
       [](rocksdb::Options& options) { options.unordered_write = true; }},
      {"blobs", [](rocksdb::Options& options) {
         options.enable_pipelined_write = true;
         options.enable_blob_files = true;
         options.min_blob_size = 1024;
       }}};
  return variants;
}

class Putter : public Worker {
 public:
  Putter(const RocksdbOptions& options, rocksdb::DB& db, int index)
      : options_(options),
        db_(db),
        random_(options.common.seed, static_cast<std::uint64_t>(index)),
        value_(options.common.size, '\0') {
    random_.Fill(std::as_writable_bytes(std::span(value_)));
    synced_.sync = true;
  }

  void Run() override {
    std::array<char, 24> key{};
    const int size = std::snprintf(key.data(), key.size(), "%016" PRIx64,
                                   random_.Below(options_.keys));
    Check(db_.Put(synced_,
                  rocksdb::Slice(key.data(), static_cast<std::size_t>(size)),
                  value_));
  }

 private:
  const RocksdbOptions& options_;
  rocksdb::DB& db_;
  Random random_;
  std::string value_;
  rocksdb::WriteOptions synced_;
};

std::unique_ptr<rocksdb::DB> Open(const RocksdbOptions& options) {
  rocksdb::Options settings = Tuned();
  Variants().at(options.variant)(settings);
  rocksdb::DB* db = nullptr;
  Check(rocksdb::DB::Open(settings, options.common.load.directory + "/rocksdb",
                          &db));
  return std::unique_ptr<rocksdb::DB>(db);
}

int Main(int argc, char** argv) {
  CLI::App app("Synced puts to RocksDB.");
  RocksdbOptions options;
  AddCommonOptions(app, options.common);
  app.add_option("--keys", options.keys, "keys, of which each put takes one")
      ->check(CLI::PositiveNumber);
  app.add_option("--variant", options.variant)
      ->check(CLI::IsMember(Variants()));
  CLI11_PARSE(app, argc, argv);
  const std::unique_ptr<rocksdb::DB> db = Open(options);
  const Measurement measured = Measure(options.common.load, [&](int index) {
    return std::make_unique<Putter>(options, *db, index);
  });
  Print(ToJson(measured, options.common.size,
               {{"variant", options.variant},
                {"keys", options.keys},
                {"threads", options.common.load.threads},
                {"size", options.common.size}}));
  return 0;
}

}  // namespace
}  // namespace cairn::bench

int main(int argc, char** argv) { return cairn::bench::Main(argc, argv); }
