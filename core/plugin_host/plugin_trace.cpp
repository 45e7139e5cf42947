// SPDX-License-Identifier: MIT
#include "core/plugin_host/plugin_trace.hpp"

#include <array>
#include <string>
#include <utility>

#include <souschef/file_name.hpp>

#include "core/base/json_text.hpp"

namespace souschef::core {
namespace {

// In the order of the numbers in plugin.h.
constexpr std::array<std::string_view, 19> kKinds = {
    "other",         "library",    "image",       "movie", "sound",      "font",           "volume",
    "cache_file",    "mesh_cache", "point_cache", "fluid", "ocean",      "geometry_nodes", "mesh_data",
    "light_profile", "script",     "text",        "proxy", "unexplained"};
constexpr std::array<std::string_view, 3> kNeeds = {"required", "cache", "optional"};
constexpr std::array<std::string_view, 4> kOutputs = {"render", "file_node", "bake", "other"};

// Reads the members of one item of a list; remembers the first that is wrong. Missing members keep their
// defaults.
class Item {
 public:
  Item(const Json& json, std::string name) : json_(json), name_(std::move(name)) {
    if (!json.is_object()) fail("an object is expected");
  }

  void bytes(const char* member, std::string& into) {
    const Json* value = find(member);
    if (value == nullptr) return;
    auto name = value->is_string() ? unescape_name(value->get_ref<const std::string&>()) : std::nullopt;
    if (!name) return fail(std::string(member) + " is not a file name as the protocol spells it");
    into = std::move(*name);
  }
  void text(const char* member, std::string& into) {
    const Json* value = find(member);
    if (value == nullptr) return;
    if (!value->is_string()) return fail(std::string(member) + " is not a text");
    into = value->get<std::string>();
  }
  void flag(const char* member, bool& into) {
    const Json* value = find(member);
    if (value == nullptr) return;
    if (!value->is_boolean()) return fail(std::string(member) + " is not true or false");
    into = value->get<bool>();
  }
  void number(const char* member, std::int32_t& into) {
    const Json* value = find(member);
    if (value == nullptr) return;
    if (!value->is_number_integer() || *value < INT32_MIN || *value > INT32_MAX)
      return fail(std::string(member) + " is not a frame");
    into = value->get<std::int32_t>();
  }
  void index(const char* member, std::uint32_t& into) {
    const Json* value = find(member);
    if (value == nullptr) return;
    if (!value->is_number_integer() || *value < 0 || *value >= kNone)
      return fail(std::string(member) + " is not an index");
    into = value->get<std::uint32_t>();
  }
  template <class Enum, std::size_t N>
  void word(const char* member, const std::array<std::string_view, N>& words, Enum& into) {
    const Json* value = find(member);
    if (value == nullptr) return;
    for (std::size_t i = 0; i < N; ++i)
      if (value->is_string() && value->get_ref<const std::string&>() == words[i]) {
        into = static_cast<Enum>(i);
        return;
      }
    fail(std::string(member) + " has the unknown word " + json_text(*value));
  }
  void need(const char* member) {
    if (find(member) == nullptr) fail(std::string(member) + " is missing");
  }

  [[nodiscard]] Status status() const {
    if (why_.empty()) return {};
    return Error(ErrorCode::plugin, "the tracer's answer is wrong", name_ + ": " + why_);
  }

 private:
  // Null as well for null: nothing said.
  const Json* find(const char* member) const {
    const auto found = json_.is_object() ? json_.find(member) : json_.end();
    return !json_.is_object() || found == json_.end() || found->is_null() ? nullptr : &*found;
  }
  void fail(std::string why) {
    if (why_.empty()) why_ = std::move(why);
  }

  const Json& json_;
  std::string name_;
  std::string why_;
};

Error stopped_or_wrong(const Status& status) {
  return status ? abi::stopped() : status.error();
}

// Every item of a list, or of none; the first that is wrong ends it.
template <class Read>
Status each(const Json& answer, const char* list, Read read) {
  const auto found = answer.find(list);
  if (found == answer.end()) return {};
  if (!found->is_array())
    return Error(ErrorCode::plugin, "the tracer's answer is wrong", std::string(list) + " is no list");
  for (std::size_t i = 0; i < found->size(); ++i) {
    Item item((*found)[i], std::string(list) + "[" + std::to_string(i) + "]");
    const bool go_on = read(item);
    if (const Status status = item.status(); !status || !go_on) return stopped_or_wrong(status);
  }
  return {};
}

Status replay_uses(const Json& answer, TraceSink& sink) {
  const auto found = answer.find("uses");
  if (found == answer.end()) return {};
  const Error wrong(ErrorCode::plugin, "the tracer's answer is wrong",
                    "uses is not a list of [from, to, ...]");
  if (!found->is_array()) return wrong;
  for (const Json& row : *found) {
    if (!row.is_array() || row.empty()) return wrong;
    std::vector<std::uint32_t> numbers;
    for (const Json& number : row) {
      if (!number.is_number_integer() || number < 0 || number >= kNone) return wrong;
      numbers.push_back(number.get<std::uint32_t>());
    }
    if (!sink.uses(numbers.front(), std::span(numbers).subspan(1))) return abi::stopped();
  }
  return {};
}

Status replay_references(const Json& answer, TraceSink& sink) {
  return each(answer, "references", [&](Item& item) {
    TracedReference reference;
    item.need("path");
    item.need("kind");
    item.bytes("path", reference.path);
    item.bytes("base", reference.base);
    item.word("kind", kKinds, reference.kind);
    item.word("expansion", kExpansionWords, reference.expansion);
    item.word("need", kNeeds, reference.need);
    item.index("datablock", reference.datablock);
    item.text("property", reference.property);
    item.bytes("pattern", reference.pattern);
    item.number("first_frame", reference.first_frame);
    item.number("last_frame", reference.last_frame);
    item.flag("rewritable", reference.rewritable);
    return item.status() && sink.reference(reference);
  });
}

Status replay_outputs(const Json& answer, TraceSink& sink) {
  return each(answer, "outputs", [&](Item& item) {
    TracedOutput output;
    item.word("kind", kOutputs, output.kind);
    item.index("datablock", output.datablock);
    item.bytes("path", output.path);
    item.bytes("slot", output.slot);
    item.text("format", output.format);
    item.text("extension", output.extension);
    item.text("node", output.node);
    item.flag("muted", output.muted);
    return item.status() && sink.output(output);
  });
}

Status replay_simulations(const Json& answer, TraceSink& sink) {
  return each(answer, "simulations", [&](Item& item) {
    TracedSimulation simulation;
    item.index("datablock", simulation.datablock);
    item.text("kind", simulation.kind);
    item.text("name", simulation.name);
    item.flag("baked", simulation.baked);
    item.number("first_frame", simulation.first_frame);
    item.number("last_frame", simulation.last_frame);
    item.index("cache", simulation.cache);
    return item.status() && sink.simulation(simulation);
  });
}

Json index_json(std::uint32_t index) {
  return index == kNone ? Json() : Json(index);
}

template <class Enum, std::size_t N>
std::string_view word_of(const std::array<std::string_view, N>& words, Enum value) {
  const auto number = static_cast<std::size_t>(value);
  return words[number < N ? number : 0];
}

}  // namespace

Status replay_trace(const Json& answer, TraceSink& sink) {
  SOUSCHEF_CHECK(each(answer, "datablocks", [&](Item& item) {
    TracedDatablock datablock;
    item.bytes("name", datablock.name);
    item.index("library", datablock.library);
    item.flag("root", datablock.root);
    return item.status() && sink.datablock(datablock);
  }));
  SOUSCHEF_CHECK(replay_uses(answer, sink));
  SOUSCHEF_CHECK(replay_references(answer, sink));
  SOUSCHEF_CHECK(replay_outputs(answer, sink));
  SOUSCHEF_CHECK(replay_simulations(answer, sink));
  if (const auto facts = answer.find("facts"); facts != answer.end() && !facts->is_null()) {
    if (!facts->is_object())
      return Error(ErrorCode::plugin, "the tracer's answer is wrong", "facts is not an object");
    if (!sink.facts(json_text(*facts))) return abi::stopped();
  }
  return each(answer, "warnings", [&](Item& item) {
    TraceWarning warning;
    item.index("datablock", warning.datablock);
    item.text("code", warning.code);
    item.text("message", warning.message);
    return item.status() && sink.warning(warning);
  });
}

Json& TraceAnswer::list(const char* name) {
  Json& found = answer_[name];
  if (found.is_null()) found = Json::array();
  return found;
}

bool TraceAnswer::datablock(const TracedDatablock& d) {
  list("datablocks")
      .push_back({{"name", escape_name(d.name)}, {"library", index_json(d.library)}, {"root", d.root}});
  return true;
}

bool TraceAnswer::uses(std::uint32_t from, std::span<const std::uint32_t> to) {
  Json row = Json::array({from});
  for (const std::uint32_t index : to) row.push_back(index);
  list("uses").push_back(std::move(row));
  return true;
}

bool TraceAnswer::reference(const TracedReference& r) {
  list("references")
      .push_back({{"path", escape_name(r.path)},
                  {"base", escape_name(r.base)},
                  {"kind", word_of(kKinds, r.kind)},
                  {"expansion", word_of(kExpansionWords, r.expansion)},
                  {"need", word_of(kNeeds, r.need)},
                  {"datablock", index_json(r.datablock)},
                  {"property", r.property},
                  {"pattern", escape_name(r.pattern)},
                  {"first_frame", r.first_frame},
                  {"last_frame", r.last_frame},
                  {"rewritable", r.rewritable}});
  return true;
}

bool TraceAnswer::output(const TracedOutput& o) {
  list("outputs").push_back({{"kind", word_of(kOutputs, o.kind)},
                             {"datablock", index_json(o.datablock)},
                             {"path", escape_name(o.path)},
                             {"slot", escape_name(o.slot)},
                             {"format", o.format},
                             {"extension", o.extension},
                             {"node", o.node},
                             {"muted", o.muted}});
  return true;
}

bool TraceAnswer::simulation(const TracedSimulation& s) {
  list("simulations")
      .push_back({{"datablock", index_json(s.datablock)},
                  {"kind", s.kind},
                  {"name", s.name},
                  {"baked", s.baked},
                  {"first_frame", s.first_frame},
                  {"last_frame", s.last_frame},
                  {"cache", index_json(s.cache)}});
  return true;
}

bool TraceAnswer::facts(std::string_view json) {
  auto read = parse_json(json);
  if (!read || !read->is_object()) return false;
  answer_["facts"] = std::move(*read);
  return true;
}

bool TraceAnswer::warning(const TraceWarning& w) {
  list("warnings")
      .push_back({{"code", w.code}, {"message", w.message}, {"datablock", index_json(w.datablock)}});
  return true;
}

Json changes_json(std::span<const PathChange> changes) {
  Json list = Json::array();
  for (const PathChange& change : changes)
    list.push_back({{"reference", change.reference}, {"path", escape_name(change.path)}});
  return list;
}

Result<std::vector<PathChange>> read_changes(const Json& list) {
  std::vector<PathChange> changes;
  SOUSCHEF_CHECK(each(Json{{"changes", list}}, "changes", [&](Item& item) {
    PathChange change;
    item.need("reference");
    item.need("path");
    item.index("reference", change.reference);
    item.bytes("path", change.path);
    changes.push_back(std::move(change));
    return static_cast<bool>(item.status());
  }));
  return changes;
}

}  // namespace souschef::core
