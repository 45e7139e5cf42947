// SPDX-License-Identifier: MIT
#include "tests/support/loopback_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace souschef::test {
namespace {

void say(int connection, const std::string& text) {
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t count = ::send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return;
    sent += static_cast<std::size_t>(count);
  }
}

// More of what the client says; false at the end.
bool hear(int connection, std::string& text) {
  std::array<char, 4096> piece;
  const ssize_t count = ::recv(connection, piece.data(), piece.size(), 0);
  if (count <= 0) return false;
  text.append(piece.data(), static_cast<std::size_t>(count));
  return true;
}

std::size_t body_length(const std::string& head) {
  std::string lower = head;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const std::size_t at = lower.find("content-length:");
  return at == std::string::npos ? 0 : std::strtoul(lower.c_str() + at + 15, nullptr, 10);
}

}  // namespace

LoopbackServer::LoopbackServer(Speaks speaks, std::vector<int> statuses)
    : speaks_(speaks), statuses_(std::move(statuses)) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::bind(socket_, reinterpret_cast<const sockaddr*>(&name), sizeof name);
  ::listen(socket_, 8);
  socklen_t length = sizeof name;
  ::getsockname(socket_, reinterpret_cast<sockaddr*>(&name), &length);
  port_ = ntohs(name.sin_port);
  thread_ = std::jthread([this] { serve(); });
}

LoopbackServer::~LoopbackServer() {
  ::shutdown(socket_, SHUT_RDWR);
  thread_.join();
  ::close(socket_);
}

std::string LoopbackServer::address() const {
  return (speaks_ == Speaks::http ? "http" : "smtp") + std::string("://127.0.0.1:") + std::to_string(port_);
}

std::vector<std::string> LoopbackServer::heard() {
  const std::scoped_lock lock(mutex_);
  return heard_;
}

void LoopbackServer::serve() {
  for (int connection; (connection = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
    speaks_ == Speaks::http ? serve_http(connection) : serve_smtp(connection);
    ::close(connection);
  }
}

void LoopbackServer::serve_http(int connection) {
  std::string text;
  std::size_t head = std::string::npos;
  while ((head = text.find("\r\n\r\n")) == std::string::npos || text.size() < head + 4 + body_length(text))
    if (!hear(connection, text)) break;
  int status = 200;
  {
    const std::scoped_lock lock(mutex_);
    if (!statuses_.empty()) status = statuses_[std::min(heard_.size(), statuses_.size() - 1)];
    heard_.push_back(text);
  }
  say(connection, "HTTP/1.1 " + std::to_string(status) +
                      " So\r\nContent-Length: 9\r\nConnection: close\r\n\r\nanswered\n");
}

void LoopbackServer::serve_smtp(int connection) {
  std::string all, rest;
  bool letter = false;
  say(connection, "220 test\r\n");
  for (bool open = true; open;) {
    const std::size_t end = rest.find("\r\n");
    if (end == std::string::npos) {
      open = hear(connection, rest);
      continue;
    }
    const std::string line = rest.substr(0, end);
    rest.erase(0, end + 2);
    all += line + "\n";
    if (letter && line != ".") continue;
    if (letter) {
      letter = false;
      say(connection, std::to_string(statuses_.empty() ? 250 : statuses_.front()) + " so\r\n");
    } else if (line.rfind("DATA", 0) == 0) {
      letter = true;
      say(connection, "354 go on\r\n");
    } else if (line.rfind("QUIT", 0) == 0) {
      open = false;
    } else {
      say(connection, "250 fine\r\n");
    }
  }
  {
    const std::scoped_lock lock(mutex_);
    heard_.push_back(all);
  }
  // Only now: the client goes when it reads this, and then it is asked what was heard.
  say(connection, "221 bye\r\n");
}

}  // namespace souschef::test
