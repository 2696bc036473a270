// cairn put: stores a file as an object.

#include <memory>
#include <string>

#include "fmt/format.h"

#include "cli/command.h"
#include "cli/file.h"
#include "cli/json.h"
#include "cli/parse.h"
#include "cli/store.h"
#include "cli/text.h"

namespace cairn::cli {
namespace {

constexpr char kFooter[] = R"(
What was stored under the name is replaced, all at once.

Examples:
  cairn put cat.jpg photos/2026/cat.jpg --content-type image/jpeg
  tar c . | cairn put - backups/today.tar --create-bucket

Returns 0 when the object is stored and synced, 2 when it is not.)";

struct PutArguments {
  StoreArguments store;
  std::string file;
  std::string name;
  std::string content_type;
  bool creates_bucket = false;
};

absl::Status CreateBucketUnlessThere(Engine& engine,
                                     const std::string& bucket) {
  absl::Status status = engine.CreateBucket(bucket);
  if (CodeOf(status) == ErrorCode::kBucketAlreadyExists) {
    return absl::OkStatus();
  }
  return status;
}

void PrintResult(const ObjectName& name, std::uint64_t size,
                 const PutResult& result, bool is_json) {
  if (!is_json) {
    return Print(fmt::format("stored {}/{}: {} bytes, ETag {}\n",
                             Printable(name.bucket), Printable(name.key), size,
                             result.etag));
  }
  Print(ToText({{"bucket", name.bucket},
                {"key", name.key},
                {"size", size},
                {"etag", result.etag},
                {"last_modified", ShowTime(result.last_modified)},
                {"replaced", result.replaced}}) +
        "\n");
}

absl::StatusOr<Outcome> RunPut(const PutArguments& arguments) {
  const auto name = ParseObjectName(arguments.name);
  if (!name.ok()) return name.status();
  auto file = InputFile::Open(arguments.file);
  if (!file.ok()) return file.status();
  const auto engine = OpenStore(arguments.store, ForWriting());
  if (!engine.ok()) return engine.status();
  if (arguments.creates_bucket) {
    absl::Status created = CreateBucketUnlessThere(**engine, name->bucket);
    if (!created.ok()) return created;
  }
  PutOptions options{.etag = ETagKind::kMd5};  // as md5sum prints it
  options.headers.content_type = arguments.content_type;
  const auto result = (*engine)->Put(name->ref(), *file, options);
  if (!result.ok()) return result.status();
  PrintResult(*name, file->size(), *result, arguments.store.is_json);
  return Outcome::kFine;
}

}  // namespace

void AddPutCommand(CLI::App& app, Outcome& outcome) {
  auto arguments = std::make_shared<PutArguments>();
  CLI::App* command = app.add_subcommand("put", "Store a file as an object");
  command->footer(kFooter);
  command
      ->add_option("FILE", arguments->file,
                   "The file that is stored; - is standard input")
      ->required();
  command->add_option("BUCKET/KEY", arguments->name, "The name of the object")
      ->required();
  AddDriveOption(*command, arguments->store);
  command->add_flag("--create-bucket", arguments->creates_bucket,
                    "Make the bucket where there is none");
  command
      ->add_option("--content-type", arguments->content_type,
                   "What the bytes are, such as image/jpeg")
      ->type_name("TYPE");
  AddJsonOption(*command, arguments->store);
  command->callback(
      [arguments, &outcome] { outcome = Conclude("put", RunPut(*arguments)); });
}

}  // namespace cairn::cli
