// SPDX-License-Identifier: MIT
#include "core/jobs/why.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <souschef/file_name.hpp>

#include "core/jobs/job_store.hpp"
#include "store/find_users.hpp"

namespace souschef::core {
namespace {

class Why {
 public:
  Why(Production& production, std::string_view text, const store::CancelFunction& cancelled)
      : production_(production), text_(text), cancelled_(cancelled), jobs_(production) {}

  Result<WhyAnswer> run() {
    SOUSCHEF_TRY(const RootSet set, read_roots(production_, {}));
    for (const Root& root : set.roots) roots_[root.job].push_back(root);
    SOUSCHEF_TRY(ids_, jobs_.list());
    if (const auto id = Hash::from_hex(text_)) {
      if (jobs_.exists(JobId(*id))) return of_job(JobId(*id));
      return of_object(*id);
    }
    SOUSCHEF_TRY(WhyAnswer file, of_file());
    if (!file.chains.empty()) return file;
    SOUSCHEF_TRY(const JobId job, jobs_.find(text_));
    return of_job(job);
  }

 private:
  Result<WhyAnswer> of_job(JobId job) { return WhyAnswer{"job " + job.brief(), {{job, {}, roots_[job]}}}; }

  // A path below the production: every job that has it.
  Result<WhyAnswer> of_file() {
    const std::filesystem::path typed(text_);
    std::string path =
        typed.is_absolute() ? production_.relative(production_.located(typed)) : typed.string();
    if (path.starts_with("./")) path.erase(0, 2);
    WhyAnswer answer;
    std::set<ContentId> versions;
    for (const JobId& id : ids_) {
      if (cancelled_ && cancelled_()) return Error(ErrorCode::cancelled, "stopped");
      const auto manifest = jobs_.load(id);
      const ManifestFile* const file = manifest ? manifest->find(path) : nullptr;
      if (file == nullptr) continue;
      versions.insert(file->content);
      answer.chains.push_back({id, {path}, roots_[id]});
    }
    answer.what = "file " + escape_name(path) + ", " + std::to_string(versions.size()) +
                  (versions.size() == 1 ? " version" : " versions");
    return answer;
  }

  Result<WhyAnswer> of_object(const Hash& id) {
    SOUSCHEF_TRY(store::Store* const store, production_.store());
    std::set<store::ContentRoot> all;
    for (const JobId& job : ids_)
      if (const auto contents = jobs_.contents(job)) all.insert(contents->begin(), contents->end());
    const std::vector<store::ContentRoot> contents(all.begin(), all.end());
    SOUSCHEF_TRY(const store::Users users, store::find_users(*store, id, contents, cancelled_));
    if (users.what.empty())
      return Error(ErrorCode::not_found, "nothing here has the id " + id.brief())
          .next_step("souschef ls JOB --json shows ids");
    std::set<store::ContentRoot> wanted;
    for (const std::size_t i : users.roots) wanted.insert(contents[i]);
    WhyAnswer answer{users.what, {}};
    for (const JobId& job : ids_) SOUSCHEF_CHECK(add_chain(job, wanted, answer));
    return answer;
  }

  Status add_chain(JobId id, const std::set<store::ContentRoot>& wanted, WhyAnswer& answer) {
    const auto contents = jobs_.contents(id);
    if (!contents || std::none_of(contents->begin(), contents->end(),
                                  [&](const store::ContentRoot& root) { return wanted.contains(root); }))
      return {};
    Chain chain{id, {}, roots_[id]};
    SOUSCHEF_TRY(const Manifest manifest, jobs_.load(id));
    for (const ManifestFile& file : manifest.files) {
      if (file.mode == FileMode::symlink) continue;
      const BlobId blob = file.blob.hash == file.content.hash ? BlobId() : file.blob;
      if (wanted.contains({file.content, blob})) chain.files.push_back(file.path);
    }
    if (chain.files.empty()) chain.files.emplace_back("(the list of its files)");
    answer.chains.push_back(std::move(chain));
    return {};
  }

  Production& production_;
  const std::string text_;
  const store::CancelFunction& cancelled_;
  JobStore jobs_;
  std::map<JobId, std::vector<Root>> roots_;
  std::vector<JobId> ids_;
};

}  // namespace

Result<WhyAnswer> why(Production& production, std::string_view text, const store::CancelFunction& cancelled) {
  return Why(production, text, cancelled).run();
}

}  // namespace souschef::core
