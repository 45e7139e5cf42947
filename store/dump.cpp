// SPDX-License-Identifier: MIT
#include "store/dump.hpp"

#include <algorithm>
#include <optional>

#include "store/hasher.hpp"
#include "store/pack_reader.hpp"
#include "store/store_parts.hpp"

namespace fs = std::filesystem;

namespace souschef::store {

namespace {

const char* name_of(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::chunk:
      return "chunk";
    case ObjectKind::node:
      return "node";
    case ObjectKind::recipe:
      return "recipe";
  }
  return "?";
}

const char* name_of(Codec codec) {
  switch (codec) {
    case Codec::none:
      return "none";
    case Codec::zstd:
      return "zstd";
    case Codec::zstd_each:
      return "zstd-each";
  }
  return "?";
}

void append_frame(std::string& text, std::size_t number, const PlacedFrame& frame) {
  text += "frame " + std::to_string(number) + " at " + std::to_string(frame.offset) + " codec " +
          name_of(frame.header.codec) + " objects " + std::to_string(frame.header.rows.size()) + " raw " +
          std::to_string(frame.header.raw_size) + " stored " + std::to_string(frame.header.stored_size) +
          "\n";
  for (const ObjectRow& row : frame.header.rows)
    text +=
        std::string("  ") + name_of(row.kind) + " " + row.id.hex() + " " + std::to_string(row.length) + "\n";
}

// A pack may lie anywhere, under any name: its own name is then in its tail.
Result<std::shared_ptr<PackReader>> open_pack(const fs::path& path) {
  FileSystem& disk = FileSystem::real();
  if (const auto id = StorePaths::pack_of_name(path.filename().string()))
    return PackReader::open(disk, path, *id);
  SOUSCHEF_TRY(const auto file, disk.open(path, Access::read));
  SOUSCHEF_TRY(const FileStatus status, file->status());
  Bytes last(kPackTailBytes);
  if (status.size < last.size()) return Error(ErrorCode::corrupt, "not a pack: " + path.string());
  SOUSCHEF_TRY([[maybe_unused]] const std::size_t count, file->read_at(status.size - last.size(), last));
  SOUSCHEF_TRY(const PackTail tail, parse_tail(last));
  return PackReader::open(disk, path, PackId(tail.footer_hash));
}

std::string line(const std::string& key, const std::string& value) {
  return key + " " + value + "\n";
}
std::string line(const std::string& key, std::uint64_t value) {
  return line(key, std::to_string(value));
}

}  // namespace

// ------------------------------------------------------------------------------------------- packs

Result<std::string> dump_pack(const fs::path& path) {
  SOUSCHEF_TRY(const auto pack, open_pack(path));
  std::string text = line("pack", pack->id().hex()) + line("size", pack->size());
  const auto table = pack->table();
  if (table) {
    text += line("lease", table->header.lease) + line("footer at", table->footer_offset);
    for (std::size_t i = 0; i < table->frames.size(); ++i) append_frame(text, i, table->frames[i]);
    return text;
  }
  text += line("damaged", table.error().line());
  SOUSCHEF_TRY(const auto salvage, pack->salvage());
  text += line("lease", salvage.header.lease);
  for (std::size_t i = 0; i < salvage.frames.size(); ++i) append_frame(text, i, salvage.frames[i]);
  text += line("lost", std::to_string(salvage.lost_bytes) + " bytes" +
                           (salvage.why.empty() ? "" : ": " + salvage.why));
  return text;
}

Result<std::string> check_pack_file(const fs::path& path) {
  SOUSCHEF_TRY(const auto pack, open_pack(path));
  Error faults(ErrorCode::corrupt, "damaged pack " + pack->id().brief());
  const auto table = pack->table();
  if (!table) return table.error();
  std::uint64_t objects = 0;
  Bytes scratch;
  for (const PlacedFrame& placed : table->frames) {
    const auto frame = pack->frame(placed.offset, placed.size());
    if (!frame) {
      faults.why.push_back(frame.error().line());
      continue;
    }
    if (!(*frame)->stored_bytes_match())
      faults.why.push_back("frame at " + std::to_string(placed.offset) +
                           ": stored bytes do not match their checksum");
    for (std::size_t i = 0; i < placed.header.rows.size(); ++i, ++objects) {
      const auto bytes = (*frame)->object(i, scratch);
      if (!bytes || hash_of(*bytes) != placed.header.rows[i].id)
        faults.why.push_back("frame at " + std::to_string(placed.offset) + ": object " +
                             placed.header.rows[i].id.brief() + " is not what its name says");
    }
  }
  if (!faults.why.empty()) return faults;
  return "good: " + std::to_string(table->frames.size()) + " frames, " + std::to_string(objects) +
         " objects\n";
}

// ------------------------------------------------------------------------------------------- index

Result<std::string> dump_index(Store& store) {
  StoreParts& parts = parts_of(store);
  SOUSCHEF_TRY(const auto counts, parts.index->counts());
  SOUSCHEF_TRY(const auto progress, parts.index->progress());
  SOUSCHEF_TRY(const auto packs, parts.index->packs());
  const LmdbSizes sizes = parts.index->sizes();
  std::string text = line("packs", counts.packs) + line("objects", counts.objects) +
                     line("contents", counts.contents) + line("files seen", counts.seen) +
                     line("bytes on disk", sizes.file_bytes) + line("bytes used", sizes.used_bytes) +
                     line("bytes of addresses", sizes.map_bytes);
  if (progress) {
    text += line("generation", progress->generation);
    if (progress->newest) text += line("newest pack", progress->newest->hex());
    for (const auto& [log, bytes] : progress->logs) text += line("read of " + log, bytes);
  }
  for (const auto& [number, pack] : packs)
    text += "pack " + std::to_string(number) + " " + pack.id.hex() + " " + std::to_string(pack.size) + "\n";
  return text;
}

Result<std::string> dump_index_lookup(Store& store, const Hash& id) {
  StoreParts& parts = parts_of(store);
  SOUSCHEF_TRY(const ObjectIndex::Reader reader, parts.index->read());
  std::string text;
  for (const ObjectKind kind : {ObjectKind::chunk, ObjectKind::node, ObjectKind::recipe})
    if (const auto location = reader.find(kind, id)) {
      const auto pack = reader.pack(location->pack);
      text += std::string(name_of(kind)) + " in pack " + (pack ? pack->id.hex() : "?") + " frame at " +
              std::to_string(location->offset) + " number " + std::to_string(location->ordinal) + "\n";
    }
  for (const RecipeSummary& recipe : reader.recipes(ContentId(id)))
    text +=
        "content made by recipe " + recipe.id.hex() + (recipe.makes_blob ? " (wrapper exact)" : "") + "\n";
  if (const auto content = reader.content_of(BlobId(id))) text += line("blob with content", content->hex());
  if (const auto closure = reader.closure(ContentId(id))) {
    text += "content needs packs";
    for (const std::uint32_t pack : *closure) text += " " + std::to_string(pack);
    text += "\n";
  }
  if (text.empty()) return Error(ErrorCode::not_found, "the index knows nothing of " + id.brief());
  return text;
}

// ----------------------------------------------------------------------------------------- recipes

namespace {

Result<std::string> dump_one_recipe(StoreParts& parts, const RecipeId& id, Chunks chunks) {
  SOUSCHEF_TRY(Recipe recipe, parts.reader->recipe(id));
  std::string text = line("recipe", id.hex()) + line("content", recipe.content.hex()) +
                     line("content size", recipe.content_size) + line("stream size", recipe.stream_size) +
                     line("filter", recipe.filter.empty() ? std::string("none")
                                                          : recipe.filter + " version " +
                                                                std::to_string(recipe.filter_version));
  if (const auto& wrapper = recipe.wrapper)
    text += line("wrapper", wrapper->plugin + " kind " + std::to_string(wrapper->kind) + " encoder " +
                                wrapper->encoder + (wrapper->exact ? ", exact" : ", cannot be made again")) +
            line("blob", wrapper->blob.hex()) + line("blob size", wrapper->blob_size) +
            line("parameters", std::to_string(wrapper->parameters.size()) + " bytes");
  text += line("depth", recipe.root.depth) + line("entries", recipe.root.entries.size());
  std::uint64_t nodes = 0;
  TreeWalker walker(std::move(recipe.root), [&](const Hash& node) {
    ++nodes;
    return parts.reader->read(ObjectKind::node, node);
  });
  std::uint64_t count = 0;
  std::string list;
  for (;; ++count) {
    SOUSCHEF_TRY(const auto chunk, walker.next());
    if (!chunk) break;
    if (chunks == Chunks::list)
      list += "  chunk " + chunk->id.hex() + " " + std::to_string(chunk->length) + "\n";
  }
  return text + line("nodes", nodes) + line("chunks", count) + list;
}

}  // namespace

Result<std::string> dump_recipe(Store& store, const Hash& id, Chunks chunks) {
  StoreParts& parts = parts_of(store);
  std::vector<RecipeSummary> recipes;
  {
    SOUSCHEF_TRY(const ObjectIndex::Reader reader, parts.index->read());
    recipes = reader.recipes(ContentId(id));
  }
  if (recipes.empty()) return dump_one_recipe(parts, RecipeId(id), chunks);
  std::string text;
  for (const RecipeSummary& recipe : recipes) {
    SOUSCHEF_TRY(const std::string one, dump_one_recipe(parts, recipe.id, chunks));
    text += (text.empty() ? "" : "\n") + one;
  }
  return text;
}

Status dump_object(Store& store, const Hash& id, ByteSink& out) {
  StoreParts& parts = parts_of(store);
  std::optional<Error> first;
  for (const ObjectKind kind : {ObjectKind::chunk, ObjectKind::node, ObjectKind::recipe}) {
    const auto bytes = parts.reader->read(kind, id);
    if (bytes)
      return out.write(*bytes) ? Status() : Status(Error(ErrorCode::cancelled, "stopped by the reader"));
    if (!first || first->code == ErrorCode::not_found) first = bytes.error();
  }
  return std::move(*first);
}

Result<std::string> dump_format(Store& store) {
  return serialize(parts_of(store).format);
}

Result<std::string> dump_leases(Store& store) {
  StoreParts& parts = parts_of(store);
  SOUSCHEF_TRY(const auto leases, parts.leases->list());
  std::string text;
  for (const LeaseRecord& lease : leases) {
    if (!lease.unreadable.empty()) {
      text += lease.id() + " cannot be read: " + lease.unreadable + "\n";
      continue;
    }
    const char* running = lease.state == LeaseState::released ? "released" : "cannot tell";
    if (lease.state == LeaseState::held && is_running(lease.holder) == Running::yes) running = "alive";
    if (lease.state == LeaseState::held && is_running(lease.holder) == Running::no) running = "dead";
    text += lease.id() + " " + running + ", counter " + std::to_string(lease.counter) + ", process " +
            std::to_string(lease.holder.pid) + " on " + lease.holder.host + ": " + lease.purpose + "\n";
    for (const std::string& keep : lease.keeps) text += "  keeps " + keep + "\n";
  }
  return text;
}

Status corrupt_test_store(const fs::path& file, std::uint64_t offset, std::uint64_t count) {
  fs::path folder = fs::absolute(file).parent_path();
  while (!fs::exists(folder / "FORMAT") && folder != folder.parent_path()) folder = folder.parent_path();
  if (!fs::exists(folder / "FORMAT") || !fs::exists(folder / "TEST-STORE"))
    return Error(ErrorCode::denied, "will not damage " + file.string(),
                 "there is no file TEST-STORE beside the store's FORMAT");
  FileSystem& disk = FileSystem::real();
  SOUSCHEF_TRY(const auto opened, disk.open(file, Access::read_write));
  Bytes bytes(static_cast<std::size_t>(std::min<std::uint64_t>(count, 1U << 20)));
  SOUSCHEF_TRY(const std::size_t read, opened->read_at(offset, bytes));
  for (std::byte& byte : std::span(bytes).first(read)) byte = ~byte;
  return opened->write_at(offset, std::span(bytes).first(read));
}

}  // namespace souschef::store
