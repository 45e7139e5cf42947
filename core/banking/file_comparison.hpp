// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/clock.hpp"
#include "store/store.hpp"

namespace souschef::core {

class FileView;

// A file whose bytes were compared with another's: while its stamp is the same, the answer is.
struct ComparedFile {
  std::string path;
  store::FileStamp stamp;
  bool settled = false;  // every later change shows in the stamp
};

// Whether files have the same bytes. What was found out once is remembered in the store's index, by the
// stamps of both files; the .cpp says when. One thread at a time.
class FileComparison {
 public:
  // `store` may be null: nothing is remembered. `view` (may be null) and `clock` are borrowed.
  FileComparison(store::Store* store, FileView* view, const store::Clock& clock)
      : store_(store), view_(view), clock_(clock) {}

  // False where one of them cannot be read. The same pair is answered as it was the first time.
  bool same(const std::string& a, const std::string& b);

  // All that was looked at.
  [[nodiscard]] const std::vector<ComparedFile>& compared() const { return compared_; }
  // How many pairs had to be read.
  [[nodiscard]] std::size_t pairs_read() const { return pairs_read_; }

 private:
  bool ask(const std::string& a, const std::string& b);
  std::optional<ComparedFile> look(const std::string& path);
  bool is_local(const std::string& folder);

  store::Store* store_;
  FileView* view_;
  const store::Clock& clock_;
  std::vector<ComparedFile> compared_;
  std::map<std::pair<std::string, std::string>, bool> answers_;
  std::map<std::string, bool> local_folders_;
  std::size_t pairs_read_ = 0;
};

}  // namespace souschef::core
