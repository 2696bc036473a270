// Stores a text on the drives that are named, and reads it back:
//
//   mkdir a b c && hello a b c

#include <array>
#include <iostream>
#include <span>
#include <string>

#include "cairn/engine.h"

absl::Status Hello(const cairn::EngineOptions& options) {
  auto engine = cairn::Engine::Open(options);  // formats drives that are empty
  if (!engine.ok()) return engine.status();

  absl::Status created = (*engine)->CreateBucket("greetings");
  if (cairn::CodeOf(created) != cairn::ErrorCode::kBucketAlreadyExists &&
      !created.ok()) {
    return created;
  }

  const cairn::ObjectRef ref{.bucket = "greetings", .key = "hello.txt"};
  const std::string text = "Hello, drives!\n";
  const auto put = (*engine)->Put(ref, std::as_bytes(std::span(text)), {});
  if (!put.ok()) return put.status();  // OK: synced on a quorum of the drives

  auto reader = (*engine)->Get(ref, {.range = cairn::ByteRange::From(7)});
  if (!reader.ok()) return reader.status();
  std::array<char, 64> piece{};
  const auto size = (*reader)->Read(std::as_writable_bytes(std::span(piece)));
  if (!size.ok()) return size.status();  // OK: every byte was verified
  std::cout.write(piece.data(), static_cast<std::streamsize>(*size));
  return absl::OkStatus();
}

int main(int argc, char** argv) {
  const absl::Status status = Hello({.drives = {argv + 1, argv + argc}});
  if (!status.ok()) std::cerr << status << "\n";
  return status.ok() ? 0 : 1;
}
