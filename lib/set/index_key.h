// Keys of a set's index: the first byte tells what an entry is.

#ifndef CAIRN_LIB_SET_INDEX_KEY_H_
#define CAIRN_LIB_SET_INDEX_KEY_H_

#include <string>
#include <string_view>

namespace cairn::set {

inline std::string RecordKey(std::string_view key) {
  std::string index_key = "r";
  return index_key.append(key);
}

inline std::string CounterKey(std::string_view key) {
  std::string index_key = "c";
  return index_key.append(key);
}

}  // namespace cairn::set

#endif  // CAIRN_LIB_SET_INDEX_KEY_H_
