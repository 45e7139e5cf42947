// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/ulid.hpp"
#include "core/queue/order_names.hpp"
#include "core/queue/queue_reader.hpp"
#include "core/queue/request.hpp"
#include "core/rendering/render.hpp"
#include "tests/core/banking/production_fixture.hpp"

namespace souschef::core {

// Keeps what a runner said, one line each: "frame_done 3".
class Listener : public RenderObserver {
 public:
  std::vector<std::string> lines;
  bool holds_queue = false;
  std::function<void(const AttemptNow&)> on_frame_started;
  std::function<void(const Request&)> on_request_applied;

  void request_applied(const Request& request, const Error* /*refusal*/) override {
    if (on_request_applied) on_request_applied(request);
  }

  void started(std::size_t) override { holds_queue = true; }
  void overtaken(std::string_view why) override {
    holds_queue = false;
    lines.push_back("overtaken " + std::string(why));
  }
  void waiting(std::string_view why) override {
    const std::string line = "waiting " + std::string(why);
    if (lines.empty() || lines.back() != line) lines.push_back(line);
  }
  void order_started(const OrderNow&) override { lines.emplace_back("order_started"); }
  void order_opened(const OrderNow&, std::string_view slot) override {
    lines.push_back("order_opened " + std::string(slot));
  }
  void order_ended(const OrderNow& now) override {
    lines.push_back("order_ended " + std::string(name_of(now.ledger.state())) +
                    (now.ledger.why().empty() ? "" : ": " + now.ledger.why()));
  }
  void frame_started(const AttemptNow& now) override {
    lines.push_back("frame_started " + std::to_string(now.frame));
    if (on_frame_started) on_frame_started(now);
  }
  void frame_suspended(const AttemptNow& now, std::string_view why) override {
    lines.push_back("frame_suspended " + std::to_string(now.frame) + ": " + std::string(why));
  }
  void frame_resumed(const AttemptNow& now) override {
    lines.push_back("frame_resumed " + std::to_string(now.frame));
  }
  void frame_done(const AttemptNow& now) override {
    lines.push_back("frame_done " + std::to_string(now.frame));
  }
  void frame_failed(const AttemptNow& now, std::string_view why, bool final, std::string_view) override {
    lines.push_back((final ? "frame_failed " : "frame_retried ") + std::to_string(now.frame) + ": " +
                    std::string(why));
  }
  void stage_ended(const OrderNow&, const StageRecord& stage) override {
    lines.push_back("stage " + stage.name + " " + stage.state + " " + stage.why);
  }
  void slot_lost(std::string_view slot, std::string_view why) override {
    lines.push_back("slot_lost " + std::string(slot) + ": " + std::string(why));
  }
  void warning(const Error& error) override { lines.push_back("warning " + error.line()); }

  [[nodiscard]] std::string text() const {
    std::string all;
    for (const std::string& line : lines) all += line + "\n";
    return all;
  }
  [[nodiscard]] std::size_t count(std::string_view beginning) const {
    std::size_t found = 0;
    for (const std::string& line : lines) found += line.starts_with(beginning) ? 1 : 0;
    return found;
  }
};

class RenderingFixture : public ProductionFixture {
 protected:
  void SetUp() override {
    ProductionFixture::SetUp();
    // Tests run at once: they must not wait for each other's devices.
    ::setenv("SOUSCHEF_DEVICES", (folder_ / "devices").c_str(), 1);
  }
  [[nodiscard]] QueueFolder queue() const { return QueueFolder{root() / ".souschef/queue"}; }

  void configure(const std::string& toml) {
    write(".souschef/config.toml", toml);
    reopen();
    trust_config_of_project();
  }
  Order new_order(const std::string& entry, const std::string& frames) {
    EXPECT_TRUE(make_queue_folder(queue()));
    Order order;
    order.id = new_ulid();
    auto name = claim_order_name(queue(), order.id);
    EXPECT_TRUE(name);
    order.name = *name;
    order.entry = entry;
    order.target = "lts";
    order.renderer = "blender";
    order.frames = *FrameRange::parse(frames);
    return order;
  }
  void submit(const Order& order) { EXPECT_TRUE(drop_request(queue(), make_order_request(order))); }
  void ask(RequestKind kind, const Order& order, Json arguments = Json::object()) {
    EXPECT_TRUE(drop_request(queue(), make_request(kind, order.id, std::move(arguments))));
  }
  RenderSummary run(RenderOptions options = {}) {
    auto summary = render(*production_, options, listener_);
    EXPECT_TRUE(summary) << (summary ? "" : summary.error().line());
    return summary ? *summary : RenderSummary();
  }
  OrderView view(const Order& order) {
    auto read = read_order(queue(), order.id);
    EXPECT_TRUE(read) << (read ? "" : read.error().line());
    return std::move(*read);
  }
  // Every file below a folder of the production, by its path there.
  std::map<std::string, std::string> files(const std::string& folder) {
    std::map<std::string, std::string> all;
    if (std::filesystem::exists(root() / folder))
      for (const auto& entry : std::filesystem::recursive_directory_iterator(root() / folder))
        if (entry.is_regular_file())
          all[std::filesystem::relative(entry.path(), root() / folder)] = test::read_file(entry.path());
    return all;
  }

  Listener listener_;
};

}  // namespace souschef::core
