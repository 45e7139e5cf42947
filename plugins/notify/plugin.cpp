// SPDX-License-Identifier: MIT
// The event plugin: one event, told in every way that the listener's settings ask for. The program brings the
// same event again after an error; what has worked is remembered, so that Slack does not hear it again
// because the mail server is down.
#include <deque>
#include <mutex>
#include <set>
#include <string>

#include <souschef/plugin.hpp>

#include "plugins/notify/channels.hpp"
#include "plugins/notify/manifest.hpp"
#include "plugins/notify/message.hpp"

namespace souschef::notify {
namespace {

constexpr std::size_t kRemembered = 64;  // events that were told in part: one a listener

class Notify final : public Plugin, public Calls {
 public:
  static constexpr souschef_descriptor kDescriptor = descriptor("notify", "1.0.0", kManifest);
  using Plugin::Plugin;
  Calls& calls() { return *this; }

  Result<std::string> call(CallContext& context, std::string_view method, std::string_view text) override {
    if (method != "event.handle")
      return Error(ErrorCode::unsupported, "notify knows no method " + std::string(method));
    const HostJson request = host().json(text);
    SOUSCHEF_TRY(const Event event, read_event(request));
    SOUSCHEF_TRY(const std::vector<Channel> channels, channels_of(request));
    const std::string key = event.id + "\n" + request.json("/settings");
    Status first;
    std::set<Channel> done = told_before(key);
    for (const Channel channel : channels) {
      if (done.contains(channel)) continue;
      Status told = tell(channel, host(), context, request, event);
      // One that nothing can help is done with as well: the others may still be waiting for a second attempt.
      if (told || told.error().code == ErrorCode::bad_input || told.error().code == ErrorCode::unsupported)
        done.insert(channel);
      if (!told) context.log(LogLevel::warning, std::string(name_of(channel)) + ": " + told.error().line());
      if (!told && (first || is_final(first)))
        first = std::move(told.error()).in_context("not told by " + std::string(name_of(channel)));
    }
    if (first || is_final(first)) {
      forget(key);
    } else {
      remember(key, std::move(done));
    }
    if (!first) return std::move(first).error();
    return std::string("{}");
  }

 private:
  static bool is_final(const Status& status) {
    return !status &&
           (status.error().code == ErrorCode::bad_input || status.error().code == ErrorCode::unsupported);
  }

  std::set<Channel> told_before(const std::string& key) {
    const std::scoped_lock lock(mutex_);
    for (const auto& [known, done] : told_)
      if (known == key) return done;
    return {};
  }
  void remember(const std::string& key, std::set<Channel> done) {
    forget(key);
    const std::scoped_lock lock(mutex_);
    told_.emplace_back(key, std::move(done));
    if (told_.size() > kRemembered) told_.pop_front();
  }
  void forget(const std::string& key) {
    const std::scoped_lock lock(mutex_);
    std::erase_if(told_, [&](const auto& entry) { return entry.first == key; });
  }

  std::mutex mutex_;  // guards told_
  std::deque<std::pair<std::string, std::set<Channel>>> told_;
};

SOUSCHEF_PLUGIN(Notify)

}  // namespace
}  // namespace souschef::notify
