// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace souschef::checksum {

// One digest of one stream of bytes.
class Digest {
 public:
  virtual ~Digest() = default;
  virtual void update(std::span<const std::byte> data) = 0;
  // Lower-case hexadecimal digits; once, at the end.
  virtual std::string finish() = 0;
};

// FIPS 180-4 and RFC 1321. MD5 protects from accidents, not from malice: it is what some deliveries ask for.
std::unique_ptr<Digest> sha256();
std::unique_ptr<Digest> md5();

// "sha256", "md5"; null for another name.
std::unique_ptr<Digest> digest_of_name(std::string_view name);

}  // namespace souschef::checksum
