// The files that are stored.

#ifndef CAIRN_EXAMPLES_QUICKSTART_TREE_H_
#define CAIRN_EXAMPLES_QUICKSTART_TREE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace quickstart {

struct SourceFile {
  std::string path;
  std::string key;  // the path below the root of the tree
  std::uint64_t size = 0;
};

// Every regular file below `root`, in an order that `seed` decides. Links are
// not followed; what may not be read and what is below `excluded` is left out.
std::vector<SourceFile> WalkTree(const std::string& root,
                                 const std::string& excluded,
                                 std::uint64_t seed);

std::uint64_t TotalSize(const std::vector<SourceFile>& files);

// `key` fit for a terminal: names of files may hold anything.
std::string Show(std::string_view key);

}  // namespace quickstart

#endif  // CAIRN_EXAMPLES_QUICKSTART_TREE_H_
