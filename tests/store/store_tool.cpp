// SPDX-License-Identifier: MIT
// A process of its own for tests of several: store_tool STORE INDEX put TIMES FILE… | read TIMES HASH… |
// sleepy-put TIMES FILE… | sleepy-gc TIMES marked|condemned Prints "<hash> <path>" for what it put. The
// sleepy ones stop themselves (SIGSTOP) with their work half done: before the packs are sealed, after the
// mark, after packs were condemned. Exit code 0: all went well, 3: somebody has taken over.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "store/garbage_collection.hpp"
#include "store/null_sink.hpp"
#include "store/store.hpp"

namespace {

using namespace souschef;
using namespace souschef::store;

int fail(const Error& error) {
  std::fprintf(stderr, "%s\n", error.line().c_str());
  return 1;
}

constexpr int kTakenOver = 3;

int end_of(const Status& status) {
  if (status) return 0;
  static_cast<void>(fail(status.error()));
  return status.error().code == ErrorCode::locked ? kTakenOver : 1;
}

// A collection for which nothing is needed any more.
Status collect(Store& store, const std::string& sleep_when) {
  SOUSCHEF_TRY(const auto gc, GarbageCollection::begin(store, GcMode::collect));
  SOUSCHEF_CHECK(gc->mark({}));
  const GcPlan plan = gc->plan({});
  if (sleep_when == "marked") std::raise(SIGSTOP);
  SOUSCHEF_CHECK(gc->rewrite(plan));
  SOUSCHEF_CHECK(gc->condemn(plan));
  if (sleep_when == "condemned") std::raise(SIGSTOP);
  SOUSCHEF_CHECK(gc->confirm({}));
  SOUSCHEF_CHECK(gc->discard_packs());
  SOUSCHEF_TRY([[maybe_unused]] const DiskSpace space, gc->finish());
  return {};
}

int sleepy_put(Store& store, const std::vector<PutRequest>& requests) {
  const auto session = store.begin_write("test");
  if (!session) return fail(session.error());
  if (const auto files = (*session)->put_files(requests); !files) return fail(files.error());
  std::raise(SIGSTOP);
  return end_of((*session)->seal());
}

int put(Store& store, const std::vector<PutRequest>& requests) {
  for (int attempt = 0;; ++attempt) {
    auto session = store.begin_write("test");
    if (!session) return fail(session.error());
    auto files = (*session)->put_files(requests);
    if (!files) return fail(files.error());
    const Status sealed = (*session)->seal();
    if (!sealed && sealed.error().code == ErrorCode::changed && attempt < 5) continue;
    if (!sealed) return fail(sealed.error());
    for (std::size_t i = 0; i < files->size(); ++i)
      std::printf("%s %s\n", (*files)[i].content.hex().c_str(), requests[i].path.c_str());
    return 0;
  }
}

int read(Store& store, const std::vector<std::string>& hashes) {
  NullSink nowhere;
  for (const std::string& hash : hashes)
    if (const Status status = store.read(*ContentId::from_hex(hash), Form::content, nowhere); !status)
      return fail(status.error());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 5) return 2;
  OpenOptions options;
  options.index_folder = arguments[1];
  options.pantry_folder = arguments[1] + "/pantry";
  options.threads = 2;
  options.rehash = true;
  auto store = Store::open(arguments[0], options);
  if (!store) return fail(store.error());
  const int times = std::atoi(arguments[3].c_str());
  const std::vector<std::string> rest(arguments.begin() + 4, arguments.end());
  if (arguments[2] == "sleepy-gc") return end_of(collect(**store, rest.front()));
  for (int i = 0; i < times; ++i) {
    std::vector<PutRequest> requests;
    for (const std::string& file : rest) requests.push_back({file, nullptr});
    if (arguments[2] == "sleepy-put") return sleepy_put(**store, requests);
    if (const int code = arguments[2] == "put" ? put(**store, requests) : read(**store, rest); code != 0)
      return code;
  }
  return 0;
}
