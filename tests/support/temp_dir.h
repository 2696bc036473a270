// A directory for one test.

#ifndef CAIRN_TESTS_SUPPORT_TEMP_DIR_H_
#define CAIRN_TESTS_SUPPORT_TEMP_DIR_H_

#include <string>

namespace cairn::support {

// A new, empty directory below TMPDIR, or /tmp; removed with all that is in it.
class TempDir {
 public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace cairn::support

#endif  // CAIRN_TESTS_SUPPORT_TEMP_DIR_H_
