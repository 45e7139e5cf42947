// SPDX-License-Identifier: MIT
#include "core/rendering/idle_collection.hpp"

#include "core/jobs/collect_garbage.hpp"

namespace souschef::core {

IdleCollection::IdleCollection(RunContext& context)
    : context_(context),
      wanted_(context.production.config().boolean("gc.auto")),
      patience_(std::chrono::minutes(context.production.config().integer("gc.auto_idle"))),
      pause_(context.production.config().integer("gc.auto_hours")) {}

IdleCollection::~IdleCollection() {
  if (work_ != nullptr) work_->cancelled = true;
}

void IdleCollection::look(bool idle) {
  if (!wanted_) return;
  if (work_ != nullptr && work_->done) work_.reset();
  if (!idle) {
    idle_since_.reset();
    if (work_ != nullptr) work_->cancelled = true;
    return;
  }
  const Steady::time_point now = Steady::now();
  if (!idle_since_) idle_since_ = now;
  if (work_ != nullptr || now - *idle_since_ < patience_ || (last_ && now - *last_ < pause_)) return;
  last_ = now;
  start();
}

void IdleCollection::start() {
  if (!context_.production.store()) return;  // opened here: opening it is not for two threads at once
  work_ = std::make_shared<Work>();
  const auto collect = [work = work_, &production = context_.production] {
    GcRequest request;
    request.rules = keep_rules(production.config());
    GcEvents events;
    events.cancelled = [work] { return work->cancelled.load(); };
    return collect_garbage(production, request, events);
  };
  // Another collection may be at work, or work may have come: neither is news.
  const auto finished = [work = work_, &observer = context_.observer](const Result<GcReport>& report) {
    work->done = true;
    if (!report && report.error().code != ErrorCode::cancelled && report.error().code != ErrorCode::locked)
      observer.warning(Error(report.error()).in_context("garbage could not be collected"));
  };
  context_.background.run(collect, finished);
}

}  // namespace souschef::core
