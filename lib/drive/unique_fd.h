// A file descriptor with an owner.

#ifndef CAIRN_LIB_DRIVE_UNIQUE_FD_H_
#define CAIRN_LIB_DRIVE_UNIQUE_FD_H_

#include <unistd.h>

#include <utility>

namespace cairn::drive {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd() {
    if (fd_ >= 0) ::close(fd_);
  }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

  // Gives the descriptor away.
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

}  // namespace cairn::drive

#endif  // CAIRN_LIB_DRIVE_UNIQUE_FD_H_
