// SPDX-License-Identifier: MIT
// The manifest of a delivery: every verified file of the order with its checksum, in names relative to the
// manifest, so that `b3sum -c`, `sha256sum -c` or `md5sum -c` beside it checks everything after a copy.
#include <fstream>
#include <system_error>
#include <vector>

#include <souschef/plugin.hpp>
#include <souschef/stage.hpp>

#include "plugins/checksum/digest.hpp"
#include "plugins/checksum/manifest.hpp"
#include "plugins/checksum/sum_line.hpp"

namespace fs = std::filesystem;

namespace souschef::checksum {
namespace {

constexpr std::size_t kPiece = 1U << 20;

struct Listed {
  fs::path path;
  std::uint64_t size = 0;
  std::string hash;   // BLAKE3, from the verification
  std::string again;  // how to have it made again
};

Result<std::string> output_name(const StageRequest& request) {
  SOUSCHEF_TRY(const std::string name, request.output_name("name", "{order}", request.fields()));
  const std::string algorithm = request.setting("algorithm", "blake3");
  return name + (algorithm == "blake3" ? ".b3" : "." + algorithm);
}

class Checksum final : public Plugin, public Stage {
 public:
  static constexpr souschef_descriptor kDescriptor = descriptor("checksum", "1.0.0", kManifest);
  explicit Checksum(Host host) : Plugin(host), Stage(host) {}
  Calls& calls() { return *this; }

 protected:
  Result<StageDescription> describe(const StageRequest& request) override {
    SOUSCHEF_TRY(const std::string name, output_name(request));
    return StageDescription{.per_frame = false, .outputs = {name}, .needs_audio = false};
  }

  Result<StageAnswer> run(CallContext& call, const StageRequest& request) override {
    SOUSCHEF_TRY(const std::string name, output_name(request));
    const std::vector<Listed> files = listed(request);
    const fs::path target = request.output_folder / name;
    const fs::path unfinished = request.work_folder / "sums";
    std::ofstream out(unfinished, std::ios::binary);
    std::uint64_t done = 0, total = 0;
    for (const Listed& file : files) total += file.size;
    for (const Listed& file : files) {
      SOUSCHEF_TRY(const std::string digest, digest_of(call, request.setting("algorithm", "blake3"), file));
      out << sum_line(digest, file.path.lexically_relative(target.parent_path()).generic_string());
      done += file.size;
      if (total > 0) call.progress(static_cast<double>(done) / static_cast<double>(total), "");
    }
    out.close();
    if (!out) return Error(ErrorCode::io, "cannot write " + unfinished.string());
    SOUSCHEF_CHECK(publish_output(unfinished, target));
    StageAnswer answer{{name}, std::to_string(files.size()) + (files.size() == 1 ? " file" : " files"), {}};
    std::size_t missing = 0;
    for (const StageFrame& frame : request.frames) missing += frame.done() ? 0 : 1;
    if (missing > 0)
      answer.warnings.push_back(std::to_string(missing) + (missing == 1 ? " frame is" : " frames are") +
                                " missing");
    return answer;
  }

 private:
  static std::vector<Listed> listed(const StageRequest& request) {
    std::vector<Listed> files;
    for (const StageFrame& frame : request.frames)
      for (const StageFile& file : frame.files)
        files.push_back({file.path, file.size, file.hash, "souschef redo " + request.order_name});
    if (request.setting_boolean("earlier", true))
      for (const StageProduct& product : request.earlier)
        files.push_back({product.path, product.size, product.hash,
                         "souschef stage " + request.order_name + " " + product.stage});
    return files;
  }

  static Result<std::string> digest_of(CallContext& call, const std::string& algorithm, const Listed& file) {
    const auto changed = [&] {
      return Error(ErrorCode::changed, file.path.string() + " is not what was verified",
                   "its size was " + std::to_string(file.size))
          .next_step("have it made again: " + file.again);
    };
    std::error_code failed;
    const std::uint64_t size = fs::file_size(file.path, failed);
    if (failed) return Error(ErrorCode::missing, "cannot find " + file.path.string(), failed.message());
    if (size != file.size) return changed();
    if (algorithm == "blake3") return file.hash;

    const auto digest = digest_of_name(algorithm);
    if (digest == nullptr) return Error(ErrorCode::bad_input, "there is no algorithm " + algorithm);
    std::ifstream in(file.path, std::ios::binary);
    std::vector<char> piece(kPiece);
    std::uint64_t read = 0;
    while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())) || in.gcount() > 0) {
      if (call.cancelled()) return Error(ErrorCode::cancelled, "stopped as asked");
      const auto count = static_cast<std::size_t>(in.gcount());
      digest->update(std::as_bytes(std::span(piece.data(), count)));
      read += count;
    }
    if (in.bad()) return Error(ErrorCode::io, "cannot read " + file.path.string());
    if (read != file.size) return changed();
    return digest->finish();
  }
};

SOUSCHEF_PLUGIN(Checksum)

}  // namespace
}  // namespace souschef::checksum
