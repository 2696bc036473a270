// What every BlobStore keeps of its contract. Include it in one source, and
// instantiate it there, as meta_store_suite.h says.

#ifndef CAIRN_TESTS_CONFORMANCE_BLOB_STORE_SUITE_H_
#define CAIRN_TESTS_CONFORMANCE_BLOB_STORE_SUITE_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "cairn/status.h"
#include "conformance/store_under_test.h"
#include "storage/blob_store.h"

namespace cairn::storage {

class BlobStoreSuite : public testing::TestWithParam<StoreFactory> {
 protected:
  BlobStoreSuite() : store_(GetParam()()) {}

  StoreUnderTest& store() { return *store_; }

  std::unique_ptr<BlobWriter> Create(std::optional<std::uint64_t> size) {
    auto writer = store().Await(store().blobs().Create(0, size));
    EXPECT_TRUE(writer.ok()) << writer.status();
    return writer.ok() ? *std::move(writer) : nullptr;
  }

  // Appends `bytes` in pieces, each from a buffer that is overwritten as soon
  // as it may be.
  void Append(BlobWriter& writer, base::Bytes bytes, std::size_t piece_size) {
    while (!bytes.empty()) {
      const std::size_t size = std::min(piece_size, bytes.size());
      std::vector<std::byte> piece(bytes.begin(),
                                   bytes.begin() + static_cast<long>(size));
      ASSERT_TRUE(store().Await(writer.Append(piece)).ok());
      std::ranges::fill(piece, std::byte{0xee});
      bytes = bytes.subspan(size);
    }
  }

  // Seals the blob and commits a record that names it; what the record says.
  BlobRef SealAndCommit(BlobWriter& writer, const std::string& key) {
    const auto sealed = store().Await(writer.Seal());
    EXPECT_TRUE(sealed.ok()) << sealed.status();
    if (!sealed.ok()) return {};
    Batch batch{.write_id = IdOf(++write_)};
    batch.puts.push_back({.key = key, .value = "v", .blob = *sealed});
    EXPECT_TRUE(store().Commit(std::move(batch)).ok());
    const auto record = store().ReadOne(key);
    EXPECT_TRUE(record.ok() && record->has_value());
    EXPECT_EQ((*record)->blob->id, sealed->id);
    return *(*record)->blob;
  }

  BlobRef CommitSmall(base::Bytes bytes, const std::string& key) {
    Batch batch{.write_id = IdOf(++write_)};
    batch.puts.push_back(
        {.key = key,
         .value = "v",
         .blob = SmallBlob{.id = store().blobs().NewBlobId(), .bytes = bytes}});
    EXPECT_TRUE(store().Commit(std::move(batch)).ok());
    const auto record = store().ReadOne(key);
    EXPECT_TRUE(record.ok() && record->has_value());
    return *(*record)->blob;
  }

  ErrorCode ReadCode(const BlobRef& blob, std::uint64_t offset,
                     std::size_t size) {
    std::vector<std::byte> bytes(size);
    return CodeOf(store().Await(store().blobs().Read(0, blob, offset, bytes)));
  }

  ErrorCode StreamCode(const BlobRef& blob, std::uint64_t offset,
                       std::uint64_t size) {
    return CodeOf(store().StreamBlob(blob, offset, size).status());
  }

  void ExpectRanges(const BlobRef& blob, base::Bytes expected) {
    ASSERT_EQ(blob.size, expected.size());
    ASSERT_LE(blob.place.size(), kPlaceSizeMax);
    const std::size_t size = expected.size();
    for (const std::size_t offset : {std::size_t{0}, size / 3, size - 1}) {
      for (const std::size_t count :
           {std::size_t{1}, (size - offset) / 2, size - offset}) {
        std::vector<std::byte> bytes(count);
        ASSERT_TRUE(
            store().Await(store().blobs().Read(0, blob, offset, bytes)).ok());
        ASSERT_TRUE(std::ranges::equal(bytes, expected.subspan(offset, count)))
            << offset << " " << count;
        EXPECT_TRUE(store().StreamBlob(blob, offset, count).value() == bytes)
            << offset << " " << count;
      }
    }
    EXPECT_EQ(ReadCode(blob, 0, size + 1), ErrorCode::kInvalidRange);
    EXPECT_EQ(ReadCode(blob, size, 1), ErrorCode::kInvalidRange);
    EXPECT_EQ(ReadCode(blob, UINT64_MAX, 1), ErrorCode::kInvalidRange);
    EXPECT_EQ(ReadCode(blob, size, 0), ErrorCode::kOk);
    EXPECT_EQ(StreamCode(blob, 0, size + 1), ErrorCode::kInvalidRange);
    EXPECT_EQ(StreamCode(blob, size, 1), ErrorCode::kInvalidRange);
    EXPECT_EQ(StreamCode(blob, UINT64_MAX, 1), ErrorCode::kInvalidRange);
    EXPECT_EQ(StreamCode(blob, size, 0), ErrorCode::kOk);
  }

 private:
  std::unique_ptr<StoreUnderTest> store_;
  std::uint64_t write_ = 0;
};

TEST_P(BlobStoreSuite, IdsAreNew) {
  std::set<BlobId> ids;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(ids.insert(store().blobs().NewBlobId()).second);
  }
}

TEST_P(BlobStoreSuite, BlobsOfManySizesReadBackInPartsAndWhole) {
  for (const std::size_t size :
       {1, 7, 4088, 4096, 65'536, 65'537, 1 << 20, (1 << 20) + 1, 3'333'333}) {
    const std::vector<std::byte> bytes = BytesOf(size, size);
    const std::unique_ptr<BlobWriter> writer = Create(size);
    ASSERT_NE(writer, nullptr);
    ASSERT_NO_FATAL_FAILURE(Append(*writer, bytes, size));
    const BlobRef blob = SealAndCommit(*writer, "k" + std::to_string(size));
    ASSERT_NO_FATAL_FAILURE(ExpectRanges(blob, bytes)) << size;
  }
}

TEST_P(BlobStoreSuite, SmallBlobsReadBackInPartsAndWhole) {
  for (const std::size_t size : {1, 7, 4088, 4096, 30'000, 65'536}) {
    const std::vector<std::byte> bytes = BytesOf(size, size);
    const BlobRef blob = CommitSmall(bytes, "k" + std::to_string(size));
    ASSERT_NO_FATAL_FAILURE(ExpectRanges(blob, bytes)) << size;
  }
}

TEST_P(BlobStoreSuite, PiecesOfAnySizeMakeTheSameBlob) {
  const std::vector<std::byte> bytes = BytesOf(300'000, 1);
  for (const std::size_t piece : {999, 4096, 100'000, 299'999}) {
    const std::unique_ptr<BlobWriter> writer = Create(std::nullopt);
    ASSERT_NE(writer, nullptr);
    ASSERT_NO_FATAL_FAILURE(Append(*writer, bytes, piece));
    const BlobRef blob = SealAndCommit(*writer, "k" + std::to_string(piece));
    EXPECT_EQ(store().ReadBlob(blob).value(), bytes) << piece;
  }
}

TEST_P(BlobStoreSuite, AWrongSizeIsNoError) {
  const std::vector<std::byte> bytes = BytesOf(200'000, 1);
  for (const std::uint64_t size : {0, 1, 199'999, 200'001, 50'000'000}) {
    const std::unique_ptr<BlobWriter> writer = Create(size);
    ASSERT_NE(writer, nullptr);
    ASSERT_NO_FATAL_FAILURE(Append(*writer, bytes, 70'000));
    const BlobRef blob = SealAndCommit(*writer, "k" + std::to_string(size));
    EXPECT_EQ(store().ReadBlob(blob).value(), bytes) << size;
  }
}

TEST_P(BlobStoreSuite, AnEmptyBlobIsRefused) {
  const std::unique_ptr<BlobWriter> writer = Create(0);
  ASSERT_NE(writer, nullptr);
  EXPECT_TRUE(store().Await(writer->Append({})).ok());
  EXPECT_EQ(CodeOf(store().Await(writer->Seal()).status()),
            ErrorCode::kInvalidArgument);
}

TEST_P(BlobStoreSuite, BlobsThatAreWrittenAtOnceDoNotMix) {
  std::vector<std::unique_ptr<BlobWriter>> writers;
  for (int i = 0; i < 4; ++i) writers.push_back(Create(std::nullopt));
  for (int round = 0; round < 5; ++round) {
    for (std::size_t i = 0; i < writers.size(); ++i) {
      const auto mark = 100 * i + static_cast<std::size_t>(round);
      ASSERT_NO_FATAL_FAILURE(
          Append(*writers[i], BytesOf(50'000, mark), 50'000));
    }
  }
  for (std::size_t i = 0; i < writers.size(); ++i) {
    const BlobRef blob = SealAndCommit(*writers[i], "k" + std::to_string(i));
    std::vector<std::byte> expected;
    for (std::size_t round = 0; round < 5; ++round) {
      const std::vector<std::byte> part = BytesOf(50'000, 100 * i + round);
      expected.insert(expected.end(), part.begin(), part.end());
    }
    EXPECT_EQ(store().ReadBlob(blob).value(), expected);
  }
}

TEST_P(BlobStoreSuite, ABlobThatIsGivenUpDisturbsNobody) {
  const std::vector<std::byte> bytes = BytesOf(150'000, 1);
  std::unique_ptr<BlobWriter> given_up = Create(std::nullopt);
  const std::unique_ptr<BlobWriter> kept = Create(std::nullopt);
  ASSERT_NO_FATAL_FAILURE(Append(*given_up, BytesOf(150'000, 2), 40'000));
  ASSERT_NO_FATAL_FAILURE(Append(*kept, bytes, 40'000));
  given_up.reset();
  const BlobRef blob = SealAndCommit(*kept, "k");
  EXPECT_EQ(store().ReadBlob(blob).value(), bytes);
}

TEST_P(BlobStoreSuite, AFreedBlobIsGoneOrStillItself) {
  const std::vector<std::byte> bytes = BytesOf(200'000, 1);
  const std::unique_ptr<BlobWriter> writer = Create(bytes.size());
  ASSERT_NO_FATAL_FAILURE(Append(*writer, bytes, bytes.size()));
  const BlobRef blob = SealAndCommit(*writer, "k");
  Batch batch{.write_id = IdOf(99)};
  batch.guards.push_back({.key = "k", .condition = Guard::Present{}});
  batch.deletes.push_back({.key = "k"});
  batch.frees.push_back(blob);
  ASSERT_TRUE(store().Commit(std::move(batch)).ok());
  const auto freed = store().ReadBlob(blob);
  if (freed.ok()) {
    EXPECT_EQ(*freed, bytes);
  } else {
    EXPECT_TRUE(absl::IsNotFound(freed.status())) << freed.status();
  }
}

TEST_P(BlobStoreSuite, AStreamThatIsGivenUpDisturbsNobody) {
  const std::vector<std::byte> bytes = BytesOf(3'333'333, 1);
  const std::unique_ptr<BlobWriter> writer = Create(bytes.size());
  ASSERT_NO_FATAL_FAILURE(Append(*writer, bytes, bytes.size()));
  const BlobRef blob = SealAndCommit(*writer, "k");
  BlobPieces kept;
  {
    const auto stream = store().blobs().Stream(0, blob, 0, blob.size);
    auto first = store().Await(stream->Next());
    ASSERT_TRUE(first.ok()) << first.status();
    kept = *std::move(first);
  }
  EXPECT_TRUE(store().StreamBlob(blob, 0, blob.size).value() == bytes);
  std::size_t offset = 0;
  for (const base::Bytes piece : kept.pieces) {
    EXPECT_TRUE(std::ranges::equal(
        piece, base::Bytes(bytes).subspan(offset, piece.size())));
    offset += piece.size();
  }
}

}  // namespace cairn::storage

#endif  // CAIRN_TESTS_CONFORMANCE_BLOB_STORE_SUITE_H_
