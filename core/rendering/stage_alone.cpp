// SPDX-License-Identifier: MIT
#include "core/rendering/stage_alone.hpp"

#include <chrono>

#include <souschef/file_name.hpp>

#include "core/base/ulid.hpp"
#include "core/events/events.hpp"
#include "core/plugin_host/plugin_catalog.hpp"
#include "core/production/render_folders.hpp"
#include "core/queue/order_trust.hpp"
#include "core/queue/queue_reader.hpp"
#include "core/queue/request.hpp"
#include "core/queue/submit.hpp"
#include "core/rendering/order_checkout.hpp"
#include "core/rendering/place_order.hpp"
#include "core/rendering/renderer.hpp"
#include "store/file_system.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

// Nobody's work fails because it could not be told.
void tell(Production& production, const Order& order, const std::string& stage, const StageOutcome& outcome) {
  EventLog log(production.paths().events());
  Json outputs = Json::array();
  for (const FileRecord& file : outcome.outputs) outputs.push_back(escape_name(file.path));
  (void)log.append({.name = "stage_done",
                    .message = "the stage " + stage + " of " + order.name + " is done" +
                               (outcome.summary.empty() ? "" : ": " + outcome.summary),
                    .order = {order.id, order.name},
                    .data = {{"stage", stage}, {"outputs", outputs}, {"summary", outcome.summary}}});
}

// Why it is not kept, or nothing.
std::string keep(const QueueFolder& queue, const std::string& stage, const StageOutcome& outcome,
                 const OrderLedger& ledger, const Order& order, std::chrono::milliseconds took) {
  if (!is_final(ledger.state())) return "the order goes on: it will run its stages itself";
  const auto submitted = submit(queue, make_request(RequestKind::stage, order.id,
                                                    {{"stage", stage},
                                                     {"summary", outcome.summary},
                                                     {"ms", took.count()},
                                                     {"outputs", files_json(outcome.outputs)},
                                                     {"frames", frames_fingerprint(ledger).hex()}}));
  return submitted ? std::string() : submitted.error().line();
}

}  // namespace

Result<StageAlone> run_stage_alone(Production& production, const StageWish& wish,
                                   const StageProgress& progress, const std::function<bool()>& cancelled) {
  SOUSCHEF_TRY(PluginCatalog* const plugins, production.plugins());
  SOUSCHEF_TRY(const StageDefinition stage,
               stage_definition(production.config(), *plugins, wish.stage, wish.overrides));
  const QueueFolder queue = queue_of(production);
  SOUSCHEF_TRY(const OrderView view, read_order(queue, wish.order));
  const Order& order = view.order;
  const FrameCounts& counts = view.ledger.counts();
  if (counts.done == 0 || view.ledger.root().empty())
    return Error(ErrorCode::missing, "no frame of " + order.name + " is done yet")
        .next_step("souschef render");

  SOUSCHEF_TRY(Target target, production.config().target(order.target));
  const auto entry = [&production, &order, plugins, target]() -> Result<fs::path> {
    // Blender itself is started only for the scene's sound.
    SOUSCHEF_CHECK(check_may_run(*plugins, target, order));
    if (order.live()) return production.root() / order.entry;
    SOUSCHEF_TRY(const RenderFolders folders, RenderFolders::of(production));
    return order_checkout(production, folders, {order.id, *order.job}, {}, {});
  };
  SOUSCHEF_TRY(Calls* const calls, plugins->calls(order.renderer, PluginKind::renderer));
  SOUSCHEF_TRY(const auto renderer, Renderer::open(*calls, std::move(target)));

  // On the frames' own file system, and never where a runner works.
  const fs::path staging = fs::path(view.ledger.root()) / kStagingFolder;
  const StageInput input{.order = order,
                         .frames = view.ledger.frames(),
                         .facts = view.ledger.opened().value("facts", Json::object()),
                         .earlier = view.ledger.stages(),
                         .production_root = production.root(),
                         .root = view.ledger.root(),
                         .work_folder = staging / ("stage-" + new_ulid()),
                         .entry = entry};
  const auto began = std::chrono::steady_clock::now();
  auto outcome = run_stage(*plugins, *renderer, stage, 1, input, progress, cancelled);
  (void)store::FileSystem::real().remove_folder(staging);  // fails where somebody uses it
  if (!outcome) return std::move(outcome).error();
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
  tell(production, order, stage.name, *outcome);
  std::string not_kept = keep(queue, stage.name, *outcome, view.ledger, order, took);
  return StageAlone{order, std::move(*outcome), std::move(not_kept), counts.total(),
                    counts.done + counts.skipped};
}

}  // namespace souschef::core
