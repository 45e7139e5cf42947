// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include <souschef/result.hpp>

#include "core/base/file_descriptor.hpp"

namespace souschef::core {

// A device of this machine, held for as long as the object lives, or until the process ends in whatever way.
// It keeps other runners away, of any production and any user: a file below /tmp/souschef-devices (or
// $SOUSCHEF_DEVICES) with a lock of the kernel on it. The file itself means nothing and stays.
class DeviceLock {
 public:
  // `name`: Device::lock_name(). Never waits. Errors: `locked`; io, denied.
  static Result<DeviceLock> take(std::string_view name);

 private:
  explicit DeviceLock(FileDescriptor file) : file_(std::move(file)) {}
  FileDescriptor file_;
};

}  // namespace souschef::core
