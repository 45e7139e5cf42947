// SPDX-License-Identifier: MIT
#include "plugins/checksum/digest.hpp"

namespace souschef::checksum {

std::unique_ptr<Digest> digest_of_name(std::string_view name) {
  if (name == "sha256") return sha256();
  if (name == "md5") return md5();
  return nullptr;
}

}  // namespace souschef::checksum
