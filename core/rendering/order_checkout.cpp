// SPDX-License-Identifier: MIT
// A tree appears under its name when it is complete. It is not synced: after a power cut its files may be
// empty, so it holds only until this machine is started again; `boot` beside it says in which boot it was
// made.
#include "core/rendering/order_checkout.hpp"

#include "core/banking/late_inputs.hpp"
#include "core/base/process_identity.hpp"
#include "core/jobs/job_store.hpp"
#include "core/queue/bound_job.hpp"
#include "store/atomic_file.hpp"
#include "store/file_system.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

store::FileSystem& disk() {
  return store::FileSystem::real();
}

bool is_current(const fs::path& tree, const fs::path& boot) {
  if (!store::exists(disk(), tree)) return false;
  const auto text = store::read_file(disk(), boot, 100);
  return text && *text == boot_id();
}

}  // namespace

Result<JobId> job_to_render(Production& production, const QueueFolder& queue, const Order& order,
                            const store::CancelFunction& cancelled) {
  if (order.late.empty()) return *order.job;
  SOUSCHEF_TRY(const auto earlier, bound_job(queue, order.id));
  if (earlier) return *earlier;
  SOUSCHEF_TRY(const JobId bound, bind_late_inputs(production, *order.job, order.late, cancelled));
  return keep_bound_job(queue, order.id, bound);
}

Result<fs::path> order_checkout(Production& production, const RenderFolders& folders,
                                const OrderCheckoutRequest& request, const store::ProgressFunction& progress,
                                const store::CancelFunction& cancelled) {
  SOUSCHEF_TRY(const Manifest manifest, JobStore(production).load(request.job));
  if (manifest.entry.empty())
    return Error(ErrorCode::unsupported, "the job is a folder: it has no .blend to render");
  const fs::path work = folders.order_work(request.order_id), tree = folders.tree(request.order_id);
  const fs::path boot = work / "boot", fresh = work / "tree.new";
  if (is_current(tree, boot)) return tree / manifest.entry;
  SOUSCHEF_CHECK(store::remove_tree(disk(), work));
  SOUSCHEF_CHECK(store::make_folders(disk(), work));
  SOUSCHEF_CHECK(check_out(production, {.job = request.job,
                                        .folder = fresh,
                                        .use = request.use,
                                        .progress = progress,
                                        .cancelled = cancelled}));
  SOUSCHEF_CHECK(store::replace_file(disk(), boot, boot_id()));
  SOUSCHEF_CHECK(disk().replace(fresh, tree));
  return tree / manifest.entry;
}

Status tidy_checkouts(const RenderFolders& folders, const std::function<bool(const std::string&)>& keep) {
  if (!store::exists(disk(), folders.checkouts)) return {};
  SOUSCHEF_TRY(const auto entries, disk().list(folders.checkouts));
  for (const store::FolderEntry& entry : entries)
    if (!keep(entry.name)) SOUSCHEF_CHECK(store::remove_tree(disk(), folders.checkouts / entry.name));
  return {};
}

}  // namespace souschef::core
