// Listing objects.

#include <utility>

#include "base/status.h"
#include "object/continuation.h"
#include "object/index_key.h"
#include "object/listing.h"
#include "object/store.h"

namespace cairn::object {

base::Task<absl::StatusOr<ListPage>> Store::List(std::string_view bucket,
                                                 const ListOptions& options) {
  if (options.page_size < 1 || options.page_size > kPageSizeMax) {
    co_return base::Error(ErrorCode::kInvalidArgument, "a page of {} entries",
                          options.page_size);
  }
  base::Task<absl::StatusOr<Bucket>> find = FindBucketId(bucket);
  CAIRN_CO_ASSIGN_OR_RETURN(const Bucket found, co_await find);
  const ListingIdentity identity{.bucket = found.id,
                                 .prefix = options.prefix,
                                 .delimiter = options.delimiter};
  std::string after = options.start_after;
  if (!options.continuation.empty()) {
    CAIRN_CO_ASSIGN_OR_RETURN(
        after, DecodeContinuation(identity, options.continuation));
  }
  Listing listing(found.id, options, after);
  while (std::optional<storage::Scan> scan = listing.NextScan()) {
    storage::ReadRequest request;
    request.scan = std::move(scan);
    base::Task<absl::StatusOr<storage::ReadResult>> read =
        environment_.meta.Read(kHome, std::move(request));
    CAIRN_CO_ASSIGN_OR_RETURN(storage::ReadResult result, co_await read);
    CAIRN_CO_RETURN_IF_ERROR(listing.Add(std::move(result)));
  }
  ListPage page = listing.TakePage();
  if (!listing.next_after().empty()) {
    page.next = EncodeContinuation(identity, listing.next_after());
  }
  co_return page;
}

}  // namespace cairn::object
