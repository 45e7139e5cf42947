// SPDX-License-Identifier: MIT
// libcurl, loaded when it is first needed: the program starts and does everything else where there is none.
// Only this file pair sees its headers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <souschef/calls.hpp>
#include <souschef/result.hpp>

namespace souschef::notify {

struct HttpPost {
  std::string address;
  std::vector<std::string> headers;  // "Name: value"
  std::string body;
  std::string content_type;
  // Where it is set, the post is a form of two parts: `body` as payload_json and this file as files[0], as
  // Discord wants it.
  std::filesystem::path file;
  std::uint32_t timeout_seconds = 20;
};

struct HttpAnswer {
  int status = 0;
  std::string body;  // its beginning
};

struct Mail {
  std::string server;          // "smtp://host:587"
  std::string user, password;  // a password never goes over an open line
  std::string from;
  std::vector<std::string> to;
  std::string text;  // the whole message: headers, an empty line, the body; lines end in \r\n
  std::uint32_t timeout_seconds = 20;
};

// Any thread. Addresses with another scheme than http and https (smtp and smtps) are refused, redirects not
// followed. An answer with whatever status is no error. Errors: unsupported (no libcurl), bad_input (the
// address), timed_out, cancelled, failed (not reached, refused) with libcurl's own words.
Result<HttpAnswer> post(CallContext& call, const HttpPost& post);
// Done when the server has taken the responsibility for it.
Status send(CallContext& call, const Mail& mail);

}  // namespace souschef::notify
