// SPDX-License-Identifier: MIT
#include "core/rendering/doctor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include <souschef/file_name.hpp>

#include "core/base/memory_cap.hpp"
#include "core/base/ulid.hpp"
#include "core/plugin_host/plugin_catalog.hpp"
#include "core/production/config_trust.hpp"
#include "core/production/find_programs.hpp"
#include "core/production/render_folders.hpp"
#include "core/queue/queue_reader.hpp"
#include "core/rendering/place_order.hpp"
#include "core/rendering/renderers.hpp"
#include "core/slots/device_lock.hpp"
#include "core/slots/find_devices.hpp"
#include "core/slots/slots.hpp"
#include "store/file_system_kind.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::uintmax_t kLittle = std::uintmax_t{10} << 30;  // bytes free: a night may need more
constexpr std::uintmax_t kVeryLittle = std::uintmax_t{1} << 30;
constexpr auto kClockTolerance = std::chrono::seconds(2);

std::string gibibytes(std::uintmax_t bytes) {
  return std::to_string(bytes >> 30) + "." + std::to_string((bytes % (1U << 30)) * 10 >> 30) + " GiB";
}

class Examination {
 public:
  explicit Examination(Production& production) : production_(production) {}

  std::vector<Finding> run() {
    trust();
    targets();
    devices();
    ffmpeg();
    disk();
    file_system();
    permissions_and_clock();
    plugins();
    store();
    queue();
    stale();
    return std::move(findings_);
  }

 private:
  void add(std::string subject, Health health, std::string what, std::string mend = {}) {
    findings_.push_back({std::move(subject), health, std::move(what), std::move(mend)});
  }

  void trust() {
    const auto catalog = production_.plugins();
    if (!catalog) return;  // plugins() says so
    const ConfigTrust trust = config_trust(production_.config(), **catalog);
    if (trust == ConfigTrust::unknown || trust == ConfigTrust::changed)
      add("trust", Health::bad,
          trust == ConfigTrust::changed ? "what the production's config runs has changed since you trusted it"
                                        : "you have not said that what the production's config runs may run",
          "souschef config trust  shows it and asks");
    else
      add("trust", Health::good,
          trust == ConfigTrust::trusted ? "you trust what the production's config runs"
                                        : "the production's config runs nothing that needs trust");
  }

  void targets() {
    const auto all = probe_targets(production_, true);
    if (all.empty())
      add("Blender", Health::bad, "no target is configured", "souschef targets add blender /path/to/blender");
    for (const ProbedTarget& probed : all) {
      const std::string subject = "Blender " + probed.target.name;
      const std::string path = escape_name(probed.target.path.string());
      if (!probed.exists) {
        add(subject, Health::bad, "there is no program " + path,
            "souschef config set target[" + probed.target.name + "].path /path/to/blender");
      } else if (!probed.is_trusted) {
        add(subject, Health::bad, path + " was not asked: it is not trusted", "souschef config trust");
      } else if (!probed.problem.empty()) {
        add(subject, Health::bad, path + ": " + probed.problem, "run it yourself: " + path + " --version");
      } else {
        add(subject, Health::good,
            probed.version + (probed.build.empty() ? "" : " (" + probed.build + ")") + "  " + path);
      }
    }
    const std::string chosen = production_.config().text("default_target");
    if (!chosen.empty() && !production_.config().target(chosen))
      add("default target", Health::bad, "there is no target " + chosen,
          "souschef config set default_target NAME");
  }

  // What renders: the cards of this machine, and the slots of the config.
  void devices() {
    for (const Device& device : find_gpus())
      add("GPU", Health::good,
          device.model + "  " + device.uuid +
              (device.vendor == "nvidia" ? ""
                                         : "  (only with a [[slot]] of its own: souschef slots --help)"));
    const auto slots = slots_of(production_.config(), {});
    if (!slots) return add("slots", Health::bad, slots.error().line(), slots.error().next);
    for (const Slot& slot : *slots) {
      if (slot.memory_limit > 0) memory_cap(slot);
      if (!is_there(slot.device)) {
        add("slot " + slot.name, Health::bad, "its device " + slot.device.uuid + " is not in this machine",
            "souschef config set slot[" + slot.name + "].enabled false");
        continue;
      }
      const bool free = DeviceLock::take(slot.device.lock_name()).has_value();
      add("slot " + slot.name, Health::good,
          (slot.device.kind == Device::Kind::cpu ? "CPU" : slot.device.uuid) +
              (free ? "" : "  in use by a runner"));
    }
  }

  void memory_cap(const Slot& slot) {
    const ControlGroups groups = find_control_groups();
    const bool grouped = !groups.folder.empty();
    add("slot " + slot.name, grouped ? Health::good : Health::notice,
        "memory: at most " + cap_text(slot.memory_limit, groups),
        grouped ? ""
                : "run souschef in a systemd user session, or name a delegated group in $SOUSCHEF_CGROUP");
  }

  void ffmpeg() {
    const auto found = find_programs({"ffmpeg"});
    if (found.empty())
      add("FFmpeg", Health::notice, "not found: orders cannot be encoded", "install the package ffmpeg");
    else
      add("FFmpeg", Health::good, escape_name(found.front().string()));
  }

  void disk() {
    std::error_code code;
    const fs::space_info space = fs::space(production_.paths().dot, code);
    if (code) return add("disk", Health::bad, "cannot be asked: " + code.message(), "look at the mount");
    const std::string what = gibibytes(space.available) + " free of " + gibibytes(space.capacity);
    if (space.available < kVeryLittle)
      add("disk", Health::bad, what, "souschef gc -n  says what can be given back");
    else if (space.available < kLittle)
      add("disk", Health::notice, what, "souschef gc -n  says what can be given back");
    else
      add("disk", Health::good, what);
  }

  void file_system() {
    const auto kind = store::file_system_kind(production_.paths().dot);
    if (!kind) return add("file system", Health::notice, kind.error().line(), "look at the mount");
    if (kind->nearness == store::Nearness::local)
      return add("file system", Health::good, kind->name + ", local");
    const auto folders = RenderFolders::of(production_);
    add("file system", Health::notice,
        kind->name + ", counts as a network: the index and checkouts are kept in " +
            (folders ? escape_name(folders->checkouts.parent_path().string()) : "your cache folder"),
        "nothing to do; other machines see what is banked and ordered within seconds");
  }

  // One file written and removed: may we, and does the file system's clock agree with ours?
  void permissions_and_clock() {
    const fs::path probe = production_.paths().dot / (".probe-" + new_ulid());
    const int descriptor = ::open(probe.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    if (descriptor < 0)
      return add("permissions", Health::bad,
                 escape_name(production_.paths().dot.string()) + " cannot be written to",
                 "ask whoever owns it, or work in a copy");
    ::close(descriptor);
    std::error_code code;
    const auto written = fs::last_write_time(probe, code);
    const auto away = written - fs::file_time_type::clock::now();
    fs::remove(probe, code);
    add("permissions", Health::good, escape_name(production_.paths().dot.string()) + " can be written to");
    if (away > kClockTolerance || away < -kClockTolerance)
      add("clock", Health::notice,
          "the file system's clock is " +
              std::to_string(std::chrono::duration_cast<std::chrono::seconds>(away).count()) +
              " s from this machine's",
          "set both by NTP; nothing is decided by comparing them, but times will look odd");
    else
      add("clock", Health::good, "the file system's and this machine's agree");
  }

  void plugins() {
    const auto catalog = production_.plugins();
    if (!catalog) return add("plugins", Health::bad, catalog.error().line(), catalog.error().next);
    std::size_t good = 0;
    for (const PluginRecord* plugin : (*catalog)->plugins()) {
      if (plugin->state == PluginState::ok) {
        ++good;
        continue;
      }
      add("plugin " + plugin->manifest.id, Health::notice, plugin->reason,
          plugin->next.empty() ? "souschef plugin list" : plugin->next);
    }
    add("plugins", Health::good, std::to_string(good) + " can be used");
  }

  void store() {
    const auto opened = production_.store();
    if (!opened)
      return add("store", Health::bad, opened.error().line(),
                 opened.error().next.empty() ? "souschef check" : opened.error().next);
    add("store", Health::good, "opens; souschef check  looks inside");
  }

  void queue() {
    std::vector<std::string> damaged;
    const auto rows = list_orders(queue_of(production_), &damaged);
    if (!rows) return add("queue", Health::bad, rows.error().line(), "souschef check");
    for (const std::string& id : damaged)
      add("queue", Health::bad, "the order " + id + " cannot be read", "souschef delete " + id);
    std::size_t failed = 0, open = 0;
    for (const OrderRow& row : *rows) {
      failed += row.state == OrderState::failed ? 1 : 0;
      open += is_final(row.state) ? 0 : 1;
    }
    const std::string what = std::to_string(open) + " orders to do";
    if (failed > 0)
      add("queue", Health::notice, what + ", " + std::to_string(failed) + " failed", "souschef list");
    else
      add("queue", Health::good, what);
  }

  // Checkouts of orders that are gone: left by a crash, removed by the next runner.
  void stale() {
    const auto folders = RenderFolders::of(production_);
    const auto rows = list_orders(queue_of(production_));
    std::error_code code;
    if (!folders || !rows || !fs::exists(folders->checkouts, code)) return;
    std::size_t left = 0;
    for (const auto& entry : fs::directory_iterator(folders->checkouts, code)) {
      const std::string id = entry.path().filename().string();
      bool wanted = false;
      for (const OrderRow& row : *rows) wanted = wanted || (row.id == id && !is_final(row.state));
      left += wanted ? 0 : 1;
    }
    if (left > 0)
      add("checkouts", Health::notice, std::to_string(left) + " are left of orders that are over",
          "souschef render  or  souschef gc  removes them");
  }

  Production& production_;
  std::vector<Finding> findings_;
};

}  // namespace

std::string_view name_of(Health health) {
  switch (health) {
    case Health::good:
      return "good";
    case Health::notice:
      return "notice";
    case Health::bad:
      return "bad";
  }
  return "bad";
}

std::vector<Finding> examine(Production& production) {
  return Examination(production).run();
}

}  // namespace souschef::core
