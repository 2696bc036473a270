// cairn ls: lists buckets, or the objects of one.

#include <memory>
#include <string>

#include "cli/command.h"
#include "cli/json.h"
#include "cli/listing.h"
#include "cli/parse.h"
#include "cli/store.h"

namespace cairn::cli {
namespace {

constexpr char kFooter[] = R"(
Without a name it lists the buckets. With one it lists the objects whose keys
begin with PREFIX: when they were put, their size in bytes, their key. What has
a "/" behind the prefix is shown as one common prefix, without a time, unless
--recursive is given. A prefix is no folder: name "BUCKET/a/", not "BUCKET/a",
to see what is in "a/".

Characters that a terminal obeys are shown as \xNN; --json has them all.

Opens the store to read only. Returns 0, or 2 when it could not be listed.)";

struct LsArguments {
  StoreArguments store;
  std::string name;
  bool is_recursive = false;
};

absl::Status ListBuckets(Engine& engine, Listing& listing) {
  ListBucketsOptions options;
  while (true) {
    const auto page = engine.ListBuckets(options);
    if (!page.ok()) return page.status();
    listing.Add(*page);
    if (!page->is_truncated || page->buckets.empty()) break;
    options.start_after = page->buckets.back().name;
  }
  return absl::OkStatus();
}

absl::Status ListObjects(Engine& engine, const std::string& bucket,
                         ListOptions options, Listing& listing) {
  do {
    const auto page = engine.List(bucket, options);
    if (!page.ok()) return page.status();
    listing.Add(*page);
    options.continuation = page->next;
  } while (!options.continuation.empty());
  return absl::OkStatus();
}

absl::Status ListAllBuckets(Engine& engine, bool is_json) {
  Listing listing =
      is_json ? Listing::AsJson(Json::object(), "buckets") : Listing::AsText();
  absl::Status status = ListBuckets(engine, listing);
  if (status.ok()) listing.End();
  return status;
}

absl::Status ListOneBucket(Engine& engine, const LsArguments& arguments) {
  const ObjectName name = SplitName(arguments.name);
  const auto head = engine.HeadBucket(name.bucket);
  if (!head.ok()) return head.status();
  ListOptions options;
  options.prefix = name.key;
  if (!arguments.is_recursive) options.delimiter = "/";
  const Json members = {{"bucket", name.bucket}, {"prefix", name.key}};
  Listing listing = arguments.store.is_json
                        ? Listing::AsJson(members, "entries")
                        : Listing::AsText();
  absl::Status status = ListObjects(engine, name.bucket, options, listing);
  if (status.ok()) listing.End();
  return status;
}

absl::StatusOr<Outcome> RunLs(const LsArguments& arguments) {
  const auto engine = OpenStore(arguments.store, ForReading());
  if (!engine.ok()) return engine.status();
  absl::Status status = arguments.name.empty()
                            ? ListAllBuckets(**engine, arguments.store.is_json)
                            : ListOneBucket(**engine, arguments);
  if (!status.ok()) return status;
  return Outcome::kFine;
}

}  // namespace

void AddLsCommand(CLI::App& app, Outcome& outcome) {
  auto arguments = std::make_shared<LsArguments>();
  CLI::App* command = app.add_subcommand("ls", "List buckets and objects");
  command->footer(kFooter);
  command->add_option("BUCKET[/PREFIX]", arguments->name,
                      "The bucket whose objects are listed");
  AddDriveOption(*command, arguments->store);
  command->add_flag("-r,--recursive", arguments->is_recursive,
                    "List every object, with no common prefixes");
  AddJsonOption(*command, arguments->store);
  command->callback(
      [arguments, &outcome] { outcome = Conclude("ls", RunLs(*arguments)); });
}

}  // namespace cairn::cli
