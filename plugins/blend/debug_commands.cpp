// SPDX-License-Identifier: MIT
#include "plugins/blend/debug_commands.hpp"

#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

#include <souschef/file_name.hpp>

#include "plugins/blend/blend_tracer.hpp"

namespace souschef::blend {
namespace {

std::string hexadecimal(std::uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "%llx", static_cast<unsigned long long>(value));
  return text;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string padded_left(std::string text, std::size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

// Collects lines and hands them on in pieces.
class Printer {
 public:
  explicit Printer(ByteSink& out) : out_(out) {}
  void line(std::string_view text) {
    buffer_.append(text);
    buffer_ += '\n';
    if (buffer_.size() > kPiece) flush();
  }
  [[nodiscard]] bool stopped() const { return stopped_; }
  Status finish() {
    flush();
    return stopped_ ? Status(abi::stopped()) : Status();
  }

 private:
  static constexpr std::size_t kPiece = 64U << 10;
  void flush() {
    if (!stopped_ && !buffer_.empty()) stopped_ = !out_.write(std::string_view(buffer_));
    buffer_.clear();
  }
  ByteSink& out_;
  std::string buffer_;
  bool stopped_ = false;
};

std::string_view name_of(Blocks::End end) {
  switch (end) {
    case Blocks::End::marker:
      return "ENDB";
    case Blocks::End::end_of_file:
      return "end of file";
    case Blocks::End::cut_short:
      return "cut short";
    case Blocks::End::damaged:
      return "damaged";
  }
  return "";
}

std::string struct_name(const BlendFile& file, std::uint32_t index) {
  if (index >= file.dna().struct_count()) return "?";
  return std::string(file.dna().struct_at(index).name);
}

std::string block_line(const BlendFile& file, std::uint32_t block, std::string_view name) {
  const BlockHead head = file.blocks().head(file.content(), block);
  return padded_left(std::to_string(block), 8) + "  " + padded(text_of(head.code), 4) + "  @" +
         padded(std::to_string(file.blocks().offset(block)), 12) +
         padded_left(std::to_string(head.length), 12) + " x" + padded(std::to_string(head.count), 8) + " " +
         padded(hexadecimal(head.address), 16) + "  " +
         padded(struct_name(file, file.blocks().struct_index(block)), 28) + escape_name(name);
}

// A member as it would stand in C: "Material **mat", "float obmat[16]".
std::string member_line(const Sdna& dna, const Sdna::Member& member) {
  std::string text = padded_left(std::to_string(member.offset), 6) +
                     padded_left(std::to_string(member.size), 7) + "  " +
                     std::string(dna.type_name(member.type)) + " " + std::string(member.stars, '*') +
                     std::string(member.name);
  if (member.function) text += "()";
  if (member.count > 1) text += "[" + std::to_string(member.count) + "]";
  return text;
}

// Prints references and outputs as they come.
class PathPrinter final : public TraceSink {
 public:
  explicit PathPrinter(Printer& printer) : printer_(printer) {}
  bool datablock(const TracedDatablock& d) override {
    names_.push_back(escape_name(d.name));
    return true;
  }
  bool uses(std::uint32_t, std::span<const std::uint32_t>) override { return !printer_.stopped(); }
  bool reference(const TracedReference& r) override {
    static constexpr std::array kNeeds = {"required", "cache   ", "optional"};
    static constexpr std::array kExpansions = {"file",   "sequence", "sequence",    "udim",
                                               "uvtile", "folder",   "point cache", "views"};
    std::string text = std::string("needs   ") + kNeeds.at(static_cast<std::size_t>(r.need)) + "  " +
                       padded(kExpansions.at(static_cast<std::size_t>(r.expansion)), 11) + "  " +
                       escape_name(r.path.empty() ? "//<BLENDCACHE>" : r.path);
    if (!r.pattern.empty()) text += "  [" + escape_name(r.pattern) + "]";
    if (!r.base.empty()) text += "  from " + escape_name(r.base);
    printer_.line(text + "  (" + name(r.datablock) + ": " + escape_name(r.property) + ")");
    return !printer_.stopped();
  }
  bool output(const TracedOutput& o) override {
    printer_.line(std::string("writes  ") + (o.muted ? "muted     " : "          ") + padded(o.format, 11) +
                  "  " + escape_name(o.path + o.slot) + o.extension + "  (" + name(o.datablock) +
                  (o.node.empty() ? "" : ": " + escape_name(o.node)) + ")");
    return !printer_.stopped();
  }
  bool simulation(const TracedSimulation& s) override {
    printer_.line("simulates " + s.kind + (s.baked ? ", baked" : ", not baked") + "  (" + name(s.datablock) +
                  ": " + escape_name(s.name) + ")");
    return !printer_.stopped();
  }
  bool facts(std::string_view) override { return true; }
  bool warning(const TraceWarning& w) override {
    printer_.line("warning " + w.code + "  (" + name(w.datablock) + "): " + escape_name(w.message));
    return !printer_.stopped();
  }

 private:
  [[nodiscard]] std::string name(std::uint32_t datablock) const {
    return datablock < names_.size() ? names_[datablock] : "the file";
  }
  Printer& printer_;
  std::vector<std::string> names_;
};

}  // namespace

Status print_header(BlendAnalysis& analysis, const std::vector<std::string>&, ByteSink& out) {
  static constexpr std::array kWrappers = {"none", "gzip", "zstd"};
  SOUSCHEF_TRY(const BlendFile* file, analysis.file(Reading::skim));
  const Container& container = analysis.container();
  const FileHeader& header = file->header();
  Printer printer(out);
  printer.line("file             " + std::to_string(container.file().size()) + " bytes");
  std::string wrapper = kWrappers.at(static_cast<std::size_t>(container.wrapper()));
  if (container.frames())
    wrapper += ", " + std::to_string(container.frames()->frames.size()) + " frames, " +
               (container.frames()->seek_table ? "with" : "without") + " a seek table";
  printer.line("wrapper          " + wrapper);
  printer.line("content          " + std::to_string(analysis.content_size()) + " bytes");
  printer.line("version          " + std::to_string(header.version));
  printer.line("header format    " + std::to_string(header.format));
  printer.line("pointers         " + std::to_string(header.pointer_size) + " bytes");
  printer.line(std::string("byte order       ") +
               (header.order == ByteOrder::little ? "little-endian" : "big-endian"));
  printer.line("blocks           " + std::to_string(file->blocks().size()));
  printer.line("datablocks       " + std::to_string(file->datablocks().size()));
  printer.line("structs          " + std::to_string(file->dna().struct_count()));
  printer.line("ends with        " + std::string(name_of(file->blocks().end())) + " at byte " +
               std::to_string(file->blocks().end_offset()));
  return printer.finish();
}

Status print_blocks(BlendAnalysis& analysis, const std::vector<std::string>& arguments, ByteSink& out) {
  SOUSCHEF_TRY(const BlendFile* file, analysis.file(Reading::skim));
  const Blocks& blocks = file->blocks();
  Printer printer(out);
  for (std::uint32_t group = 0; group < blocks.groups().size() && !printer.stopped(); ++group) {
    if (!arguments.empty() && text_of(blocks.groups()[group].code) != arguments[0]) continue;
    const std::uint32_t datablock = file->datablocks().of_group(group);
    const std::string_view name =
        datablock == kNoDatablock ? std::string_view() : file->datablocks().name(datablock);
    const std::uint32_t first = blocks.groups()[group].first;
    for (std::uint32_t block = first; block < blocks.group_end(group) && !printer.stopped(); ++block)
      printer.line(block_line(*file, block, block == first ? name : std::string_view()));
  }
  SOUSCHEF_CHECK(file->content().status());
  return printer.finish();
}

Status print_struct(BlendAnalysis& analysis, const std::vector<std::string>& arguments, ByteSink& out) {
  SOUSCHEF_TRY(const BlendFile* file, analysis.file(Reading::skim));
  const Sdna& dna = file->dna();
  Printer printer(out);
  if (arguments.empty()) {
    for (std::uint32_t i = 0; i < dna.struct_count(); ++i)
      printer.line(padded_left(std::to_string(i), 6) + padded_left(std::to_string(dna.struct_at(i).size), 7) +
                   "  " + escape_name(dna.struct_at(i).name) +
                   (dna.struct_at(i).sound ? "" : "  (does not add up)"));
    return printer.finish();
  }
  const std::uint32_t index = dna.find_struct(arguments[0]);
  if (index == Sdna::kNoStruct)
    return Error(ErrorCode::not_found, "the file has no struct " + arguments[0])
        .next_step("leave the name out");
  printer.line("struct " + arguments[0] + ", " + std::to_string(dna.struct_at(index).size) + " bytes");
  for (const Sdna::Member& member : dna.members(index)) printer.line(member_line(dna, member));
  return printer.finish();
}

Status print_paths(BlendAnalysis& analysis, const std::vector<std::string>&, ByteSink& out) {
  Printer printer(out);
  PathPrinter paths(printer);
  SOUSCHEF_CHECK(BlendTracer().trace(analysis, paths));
  return printer.finish();
}

}  // namespace souschef::blend
