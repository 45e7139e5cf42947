// SPDX-License-Identifier: MIT
// Every object on disk as text. A new one is a row in kSubjects, or a command of an inspector plugin.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>

#include <souschef/file_name.hpp>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/table.hpp"
#include "core/base/suggestion.hpp"
#include "core/jobs/job_store.hpp"
#include "core/jobs/roots.hpp"
#include "core/production/inspection.hpp"
#include "store/dump.hpp"
#include "store/generation.hpp"
#include "store/store_parts.hpp"

namespace souschef::cli {
namespace {

namespace fs = std::filesystem;

struct Request {
  Invocation& invocation;
  std::string argument;
  bool chunks = false;
  std::int64_t at = -1, bytes = 1;

  Result<core::Production*> production() const { return invocation.production(); }
  Result<store::Store*> store() const {
    SOUSCHEF_TRY(core::Production* const production, invocation.production());
    return production->store();
  }
  // A full id: content, blob, recipe, node or chunk.
  Result<Hash> id() const {
    if (const auto hash = Hash::from_hex(argument)) return *hash;
    return Error(ErrorCode::usage, "not an id: " + argument, "64 hexadecimal digits are needed")
        .next_step("souschef ls JOB --json shows the ids of files");
  }
};

// A pack by its file, or by its id in this production's store.
Result<fs::path> pack_file(const Request& request) {
  if (const auto id = PackId::from_hex(request.argument)) {
    SOUSCHEF_TRY(store::Store* const store, request.store());
    return store::StorePaths(store->folder()).pack(*id);
  }
  return request.invocation.absolute(request.argument);
}

Result<std::string> pack_dump(const Request& request) {
  SOUSCHEF_TRY(const fs::path file, pack_file(request));
  return store::dump_pack(file);
}
Result<std::string> pack_check(const Request& request) {
  SOUSCHEF_TRY(const fs::path file, pack_file(request));
  return store::check_pack_file(file);
}
Result<std::string> index_stat(const Request& request) {
  SOUSCHEF_TRY(store::Store* const store, request.store());
  return store::dump_index(*store);
}
Result<std::string> index_lookup(const Request& request) {
  SOUSCHEF_TRY(const Hash id, request.id());
  SOUSCHEF_TRY(store::Store* const store, request.store());
  return store::dump_index_lookup(*store, id);
}
Result<std::string> recipe_show(const Request& request) {
  SOUSCHEF_TRY(const Hash id, request.id());
  SOUSCHEF_TRY(store::Store* const store, request.store());
  return store::dump_recipe(*store, id, request.chunks ? store::Chunks::list : store::Chunks::leave_out);
}
Result<std::string> object_cat(const Request& request) {
  SOUSCHEF_TRY(const Hash id, request.id());
  SOUSCHEF_TRY(store::Store* const store, request.store());
  StringSink text;
  SOUSCHEF_CHECK(store::dump_object(*store, id, text));
  return std::move(text.text);
}
Result<std::string> format(const Request& request) {
  SOUSCHEF_TRY(store::Store* const store, request.store());
  return store::dump_format(*store);
}
Result<std::string> leases(const Request& request) {
  SOUSCHEF_TRY(store::Store* const store, request.store());
  return store::dump_leases(*store);
}
Result<std::string> generation(const Request& request) {
  SOUSCHEF_TRY(store::Store* const store, request.store());
  SOUSCHEF_TRY(const auto found,
               store::read_generation(store::parts_of(*store).disk, store::StorePaths(store->folder())));
  return store::serialize(found);
}
Result<std::string> manifest_show(const Request& request) {
  SOUSCHEF_TRY(core::Production* const production, request.production());
  core::JobStore jobs(*production);
  SOUSCHEF_TRY(const JobId job, jobs.find(request.argument));
  SOUSCHEF_TRY(const core::Manifest manifest, jobs.load(job));
  return core::manifest_json(manifest).dump(2) + "\n";
}
Result<std::string> hash_inputs(const Request& request) {
  SOUSCHEF_TRY(core::Production* const production, request.production());
  core::JobStore jobs(*production);
  SOUSCHEF_TRY(const JobId job, jobs.find(request.argument));
  SOUSCHEF_TRY(const core::Manifest manifest, jobs.load(job));
  std::string text;
  core::identity_form(manifest, [&](std::string_view piece) { text += piece; });
  return text;
}
Result<std::string> roots(const Request& request) {
  SOUSCHEF_TRY(store::Store* const store, request.store());
  SOUSCHEF_TRY(core::Production* const production, request.production());
  SOUSCHEF_TRY(const auto leases, store::parts_of(*store).leases->list());
  SOUSCHEF_TRY(const core::RootSet set, core::read_roots(*production, leases));
  Table table({Align::left, Align::left, Align::left, Align::left});
  for (const core::Root& root : set.roots)
    table.row({std::string(core::name_of(root.kind)), escape_name(root.name), root.job.brief(),
               escape_name(root.entry)});
  std::string text;
  for (const std::string& line : table.lines()) text += line + "\n";
  for (const std::string& name : set.unreadable) text += "cannot be read: " + escape_name(name) + "\n";
  return text;
}
Result<std::string> corrupt(const Request& request) {
  if (request.at < 0 || request.bytes < 1)
    return Error(ErrorCode::usage, "corrupt needs --at OFFSET").next_step("souschef debug --help");
  SOUSCHEF_CHECK(store::corrupt_test_store(request.invocation.absolute(request.argument),
                                           static_cast<std::uint64_t>(request.at),
                                           static_cast<std::uint64_t>(request.bytes)));
  return "damaged " + request.argument + "\n";
}

struct Subject {
  std::string_view name;
  std::string_view argument;  // empty: it takes none
  std::string_view summary;
  Result<std::string> (*print)(const Request&);
};
constexpr Subject kSubjects[] = {
    {"pack-dump", "FILE|PACK", "frames and objects of a pack; from the front if its end is lost", pack_dump},
    {"pack-check", "FILE|PACK", "every checksum and id of a pack", pack_check},
    {"index-stat", "", "what the index of this machine knows, and how far it has followed", index_stat},
    {"index-lookup", "ID", "what the index says of a chunk, node, recipe, content or blob", index_lookup},
    {"recipe-show", "ID", "the recipes of a content, or one by its id; --chunks lists their chunks",
     recipe_show},
    {"object-cat", "ID", "the raw bytes of a chunk, node or recipe", object_cat},
    {"manifest-show", "JOB", "a job as it is stored, made readable", manifest_show},
    {"hash-inputs", "JOB", "the text that the job's id is the hash of; for diff", hash_inputs},
    {"roots", "", "everything that keeps a job", roots},
    {"leases", "", "who works here, and whether they live", leases},
    {"generation", "", "how often garbage was collected, and what was condemned last", generation},
    {"format", "", "the store's FORMAT", format},
    {"corrupt", "FILE", "flips bytes (--at, --bytes); only in a store that is marked TEST-STORE", corrupt},
};

Result<ExitCode> list(Invocation& invocation) {
  Terminal& terminal = invocation.terminal();
  Table table({Align::left, Align::left});
  const auto add = [&](const std::string& name, const std::string& argument, const std::string& summary) {
    terminal.record({{"type", "subject"}, {"name", name}, {"argument", argument}, {"summary", summary}});
    table.row({"souschef debug " + name + (argument.empty() ? "" : " " + argument), summary});
  };
  for (const Subject& subject : kSubjects)
    add(std::string(subject.name), std::string(subject.argument), std::string(subject.summary));
  SOUSCHEF_TRY(core::Production* const production, invocation.production_or_lone("here"));
  SOUSCHEF_TRY(const auto commands, core::inspection_commands(*production));
  for (const core::InspectionCommand& command : commands)
    add(command.name, "FILE" + (command.arguments.empty() ? "" : " " + command.arguments), command.summary);
  for (const std::string& line : table.lines()) terminal.print(line);
  return ExitCode::done;
}

// Goes to the terminal as it comes: the blocks of a file may be millions of lines.
class Printed final : public ByteSink {
 public:
  explicit Printed(Terminal& terminal) : terminal_(terminal) {}
  bool write(std::span<const std::byte> data) override {
    const std::string_view text(reinterpret_cast<const char*>(data.data()), data.size());
    if (terminal_.json())
      kept += text;
    else
      terminal_.write(text);
    return !interrupted();
  }
  std::string kept;

 private:
  Terminal& terminal_;
};

void print_record(Terminal& terminal, const std::string& what, const std::string& text) {
  terminal.record({{"type", "debug"}, {"what", what}, {"text", escape_name(text)}});
}

// What a plugin offers to print of a file.
Result<ExitCode> inspect(Invocation& invocation, const std::string& what, const std::string& file,
                         const std::vector<std::string>& more) {
  if (file.empty()) return Error(ErrorCode::usage, what + " needs a FILE").next_step("souschef debug list");
  SOUSCHEF_TRY(core::Production* const production, invocation.production_or_lone(file));
  Printed out(invocation.terminal());
  SOUSCHEF_CHECK(core::inspect_file(*production, invocation.absolute(file), what, more, out));
  if (invocation.terminal().json()) print_record(invocation.terminal(), what, out.kept);
  return ExitCode::done;
}

bool is_inspection(Invocation& invocation, const std::string& what, std::vector<std::string>& names) {
  const auto production = invocation.production_or_lone("here");
  const auto commands = production ? core::inspection_commands(**production)
                                   : Result<std::vector<core::InspectionCommand>>(production.error());
  if (!commands) return false;
  for (const core::InspectionCommand& command : *commands) names.push_back(command.name);
  return std::find(names.begin(), names.end(), what) != names.end();
}

Error unknown(const std::string& word, std::vector<std::string> names) {
  for (const Subject& subject : kSubjects) names.emplace_back(subject.name);
  const std::string guess = core::closest_word(word, names);
  return Error(ErrorCode::usage, "souschef debug knows no " + word)
      .next_step(guess.empty() ? "souschef debug list" : "souschef debug " + guess);
}

}  // namespace

Result<ExitCode> cmd_debug(Invocation& invocation) {
  std::string what, argument;
  std::vector<std::string> more, inspections;
  bool chunks = false;
  std::optional<std::int64_t> at, bytes;
  Arguments arguments(invocation);
  arguments.optional_positional("WHAT", what, "what to print; souschef debug list names them");
  arguments.optional_positional("ARGUMENT", argument, "the file, id or job");
  arguments.optional_positionals("MORE", more, "what a command for files takes besides");
  arguments.flag("--chunks", chunks, "recipe-show: list the chunks");
  arguments.option("--at", "OFFSET", at, "corrupt: the first byte");
  arguments.option("--bytes", "COUNT", bytes, "corrupt: how many");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  Terminal& terminal = invocation.terminal();
  if (what.empty() || what == "list") return list(invocation);
  for (const Subject& subject : kSubjects) {
    if (subject.name != what) continue;
    if (subject.argument.empty() != argument.empty() || !more.empty())
      return Error(ErrorCode::usage, argument.empty() ? what + " needs " + std::string(subject.argument)
                                                      : what + " takes no argument")
          .next_step("souschef debug list");
    SOUSCHEF_TRY(const std::string text,
                 subject.print({invocation, argument, chunks, at.value_or(-1), bytes.value_or(1)}));
    if (terminal.json())
      print_record(terminal, what, text);
    else
      terminal.write(text);
    return ExitCode::done;
  }
  if (is_inspection(invocation, what, inspections)) return inspect(invocation, what, argument, more);
  return unknown(what, std::move(inspections));
}

}  // namespace souschef::cli
