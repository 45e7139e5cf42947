// SPDX-License-Identifier: MIT
// The text of an e-mail (RFC 5322 and MIME). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace souschef::notify {

struct Letter {
  std::string from;
  std::vector<std::string> to;
  std::string subject;
  std::string id;    // makes the Message-ID: the same event has the same, so that readers show it once
  std::string host;  // the other half of the Message-ID
  std::int64_t seconds_since_1970 = 0;
  std::string body;          // UTF-8; lines end in \n
  std::string picture;       // the bytes of an attachment; empty: none
  std::string picture_name;  // "thumbnail.jpg"
};

// Lines end in \r\n and are at most 76 bytes long; nothing in a header can begin another one.
std::string letter_text(const Letter& letter);

std::string base64(std::string_view bytes);

// Whether it can stand between < and >: one @, nothing below or beyond printable ASCII, no < > or blank.
bool is_address(std::string_view text);

}  // namespace souschef::notify
