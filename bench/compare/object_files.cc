// A file per object, with the redundancy of an erasure set and done right: each
// shard is written to a file without its name, synced, given its name, and the
// directory is synced. What a program does that needs no library for it.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cinttypes>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "compare/stripe_encoder.h"
#include "support/fail.h"
#include "support/file.h"
#include "support/measurement.h"
#include "support/options.h"
#include "support/random.h"

namespace cairn::bench {
namespace {

struct ObjectFilesOptions {
  CommonOptions common;
  Geometry geometry;
  std::string variant = "rename";
  int fanout = 1;  // directories that the files of a drive are spread over
};

std::string FolderOf(const ObjectFilesOptions& options, int drive, int folder) {
  return options.common.load.directory + "/drive" + std::to_string(drive) +
         "/" + std::to_string(folder);
}

void MakeDirectory(const std::string& path) {
  Require(mkdir(path.c_str(), S_IRWXU) == 0, path);
}

// The directories of all drives: opened once, for their syncs.
class Folders {
 public:
  explicit Folders(const ObjectFilesOptions& options)
      : fanout_(options.fanout) {
    for (int drive = 0; drive < options.geometry.total(); ++drive) {
      MakeDirectory(options.common.load.directory + "/drive" +
                    std::to_string(drive));
      for (int folder = 0; folder < fanout_; ++folder) {
        const std::string path = FolderOf(options, drive, folder);
        MakeDirectory(path);
        files_.emplace_back(path, O_RDONLY | O_DIRECTORY);
      }
    }
  }

  const File& Get(int drive, std::uint64_t name) const {
    const auto fanout = static_cast<std::uint64_t>(fanout_);
    return files_[static_cast<std::uint64_t>(drive) * fanout + name % fanout];
  }

 private:
  int fanout_;
  std::vector<File> files_;
};

class Putter : public Worker {
 public:
  Putter(const ObjectFilesOptions& options, const Folders& folders, int index)
      : folders_(folders),
        is_tmpfile_(options.variant == "tmpfile"),
        random_(options.common.seed, static_cast<std::uint64_t>(index)),
        encoder_(options.geometry, options.common.size) {
    random_.Fill(encoder_.data());
  }

  void Run() override {
    const std::uint64_t name = random_.Next();
    encoder_.Encode();
    for (int shard = 0; shard < encoder_.geometry().total(); ++shard) {
      const File& folder = folders_.Get(shard, name);
      if (is_tmpfile_) {
        PutByLink(folder, name, encoder_.Shard(shard));
      } else {
        PutByRename(folder, name, encoder_.Shard(shard));
      }
      folder.Sync();
    }
  }

 private:
  using Name = std::array<char, 24>;

  static Name NameOf(std::uint64_t name, const char* ending) {
    Name text{};
    std::snprintf(text.data(), text.size(), "%016" PRIx64 "%s", name, ending);
    return text;
  }

  static void PutByRename(const File& folder, std::uint64_t name,
                          std::span<const std::byte> bytes) {
    const int directory = folder.descriptor();
    const Name partial = NameOf(name, ".new");
    {
      const File file(directory, partial.data(), O_CREAT | O_EXCL | O_WRONLY);
      file.Write(bytes, 0);
      file.SyncData();
    }
    Require(renameat(directory, partial.data(), directory,
                     NameOf(name, "").data()) == 0,
            "rename");
  }

  static void PutByLink(const File& folder, std::uint64_t name,
                        std::span<const std::byte> bytes) {
    const int directory = folder.descriptor();
    const File file(directory, ".", O_TMPFILE | O_WRONLY);
    file.Write(bytes, 0);
    file.SyncData();
    const std::string itself =
        "/proc/self/fd/" + std::to_string(file.descriptor());
    Require(linkat(AT_FDCWD, itself.c_str(), directory, NameOf(name, "").data(),
                   AT_SYMLINK_FOLLOW) == 0,
            "linkat");
  }

  const Folders& folders_;
  bool is_tmpfile_;
  Random random_;
  StripeEncoder encoder_;
};

int Main(int argc, char** argv) {
  CLI::App app("A file per object and drive, synced.");
  ObjectFilesOptions options;
  AddCommonOptions(app, options.common);
  app.add_option("--data", options.geometry.data, "data shards");
  app.add_option("--parity", options.geometry.parity, "parity shards");
  app.add_option("--fanout", options.fanout, "directories per drive")
      ->check(CLI::Range(1, 4096));
  app.add_option("--variant", options.variant)
      ->check(CLI::IsMember({"rename", "tmpfile"}));
  CLI11_PARSE(app, argc, argv);
  const Folders folders(options);
  const Measurement measured = Measure(options.common.load, [&](int index) {
    return std::make_unique<Putter>(options, folders, index);
  });
  Print(ToJson(measured, options.common.size,
               {{"variant", options.variant},
                {"fanout", options.fanout},
                {"data", options.geometry.data},
                {"parity", options.geometry.parity},
                {"threads", options.common.load.threads},
                {"size", options.common.size}}));
  return 0;
}

}  // namespace
}  // namespace cairn::bench

int main(int argc, char** argv) { return cairn::bench::Main(argc, argv); }
