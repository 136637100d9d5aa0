#pragma once

#include "base/result.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

namespace tollgate::serve {

/// Holds a state folder for this process: two of them on one state would undo each other's order. The system lets go of
/// it when the process ends, however it ends.
class StateLock {
 public:
  /// Makes the folder when it is missing. Fails with a sentence.
  static Result<std::unique_ptr<StateLock>, std::string> take(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return fail("the state folder " + folder.string() + " cannot be made: " + error.message());
    const int descriptor = ::open((folder / "lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor < 0) return fail("the state folder " + folder.string() + " cannot be written to");
    std::unique_ptr<StateLock> lock(new StateLock(descriptor));
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return lock;
    return fail("another process serves the state folder " + folder.string());
  }
  ~StateLock() { close(descriptor_); }
  StateLock(const StateLock&) = delete;
  StateLock& operator=(const StateLock&) = delete;

 private:
  explicit StateLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace tollgate::serve
