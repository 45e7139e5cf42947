// SPDX-License-Identifier: MIT
// A process of its own for tests of several: store_tool STORE INDEX put TIMES FILE… | read TIMES HASH…
// Prints "<hash> <path>" for what it put. Exit code 0: all went well.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "store/store.hpp"

namespace {

using namespace souschef;
using namespace souschef::store;

int fail(const Error& error) {
  std::fprintf(stderr, "%s\n", error.line().c_str());
  return 1;
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
  class Nowhere final : public ByteSink {
   public:
    bool write(std::span<const std::byte>) override { return true; }
  } nowhere;
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
  for (int i = 0; i < times; ++i) {
    std::vector<PutRequest> requests;
    for (const std::string& file : rest) requests.push_back({file, nullptr});
    if (const int code = arguments[2] == "put" ? put(**store, requests) : read(**store, rest); code != 0)
      return code;
  }
  return 0;
}
