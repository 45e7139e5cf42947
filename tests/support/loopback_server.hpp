// SPDX-License-Identifier: MIT
// A server on 127.0.0.1 that answers as told and remembers what it heard: HTTP, or just enough of SMTP.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace souschef::test {

class LoopbackServer {
 public:
  enum class Speaks { http, smtp };
  // `statuses`: of the HTTP answers, in their order, the last for all that follow; of SMTP: the answer to the
  // whole letter.
  explicit LoopbackServer(Speaks speaks, std::vector<int> statuses = {});
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  // "http://127.0.0.1:40123", "smtp://127.0.0.1:40123"
  [[nodiscard]] std::string address() const;
  // What came in, one text a connection: an HTTP request with its body; the lines of an SMTP client.
  [[nodiscard]] std::vector<std::string> heard();

 private:
  void serve();
  void serve_http(int connection);
  void serve_smtp(int connection);

  Speaks speaks_;
  std::vector<int> statuses_;
  int socket_ = -1;
  std::uint16_t port_ = 0;
  std::mutex mutex_;  // guards heard_
  std::vector<std::string> heard_;
  std::jthread thread_;
};

}  // namespace souschef::test
