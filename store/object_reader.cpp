// SPDX-License-Identifier: MIT
#include "store/object_reader.hpp"

#include <algorithm>
#include <utility>

#include "store/hasher.hpp"

namespace souschef::store {

namespace {

constexpr std::size_t kMostFrameCacheBytes = 48U << 20;
constexpr std::size_t kMostOpenPacks = 32;
// Listing all packs again for every missing object would make one damaged store very slow.
constexpr std::chrono::seconds kBetweenLooks{5};

std::uint64_t cache_key(const Location& location) {
  return (std::uint64_t{location.pack} << 32) | location.offset;
}

std::string name_of(ObjectKind kind, const Hash& id) {
  static constexpr const char* kNames[] = {"object", "chunk", "recipe node", "recipe"};
  return std::string(kNames[static_cast<std::size_t>(kind)]) + " " + id.brief();
}

Error missing(ObjectKind kind, const Hash& id) {
  return Error(ErrorCode::not_found, name_of(kind, id) + " is not in the store").next_step("souschef check");
}

Error set_aside(ObjectKind kind, const Hash& id, const Error& why) {
  return Error(why.code, name_of(kind, id) + " was put aside by a collection, and cannot come back now",
               why.line())
      .next_step("try again");
}

}  // namespace

Result<std::span<const std::byte>> FoundObject::bytes(Bytes& scratch) const {
  auto found = frame->object(ordinal, scratch);
  if (!found)
    return std::move(found)
        .error()
        .in_context("damaged pack " + pack.brief())
        .next_step("souschef check --data");
  return found;
}

// -------------------------------------------------------------------------------- frames and packs

Result<std::shared_ptr<PackReader>> ObjectReader::open_pack(std::uint32_t number, const PackId& id) {
  {
    const std::lock_guard lock(packs_mutex_);
    for (auto it = packs_.begin(); it != packs_.end(); ++it)
      if (it->first == number) {
        packs_.splice(packs_.begin(), packs_, it);
        return packs_.front().second;
      }
  }
  SOUSCHEF_TRY(auto pack, PackReader::open(disk_, paths_.pack(id), id));
  const std::lock_guard lock(packs_mutex_);
  packs_.emplace_front(number, pack);
  if (packs_.size() > kMostOpenPacks) packs_.pop_back();
  return pack;
}

Result<std::shared_ptr<const LoadedFrame>> ObjectReader::load(const Location& location, const PackId& id) {
  const std::uint64_t key = cache_key(location);
  {
    const std::lock_guard lock(frames_mutex_);
    if (const auto known = frames_by_key_.find(key); known != frames_by_key_.end()) {
      frames_.splice(frames_.begin(), frames_, known->second);
      return frames_.front().frame;
    }
  }
  SOUSCHEF_TRY(const auto pack, open_pack(location.pack, id));
  SOUSCHEF_TRY(auto frame, pack->frame(location.offset, location.size));
  const std::lock_guard lock(frames_mutex_);
  if (!frames_by_key_.contains(key)) {
    frames_.push_front({key, frame});
    frames_by_key_.emplace(key, frames_.begin());
    frames_bytes_ += frame->footprint();
    while (frames_bytes_ > kMostFrameCacheBytes && frames_.size() > 1) {
      frames_bytes_ -= frames_.back().frame->footprint();
      frames_by_key_.erase(frames_.back().key);
      frames_.pop_back();
    }
  }
  return frame;
}

Result<FoundObject> ObjectReader::at(const Location& location, ObjectKind kind, const Hash& id) {
  std::optional<KnownPack> pack;
  {
    SOUSCHEF_TRY(const ObjectIndex::Reader reader, index_.read());
    pack = reader.pack(location.pack);
  }
  if (!pack) return missing(kind, id);
  SOUSCHEF_TRY(auto frame, load(location, pack->id));
  const auto& rows = frame->header().rows;
  if (location.ordinal >= rows.size() || rows[location.ordinal].id != id ||
      rows[location.ordinal].kind != kind)
    return missing(kind, id);
  return FoundObject{std::move(frame), location.ordinal, pack->id};
}

// ----------------------------------------------------------------------------------------- finding

Result<std::vector<std::optional<Location>>> ObjectReader::locate(ObjectKind kind,
                                                                  std::span<const Hash> ids) {
  SOUSCHEF_TRY(const ObjectIndex::Reader reader, index_.read());
  std::vector<std::optional<Location>> locations(ids.size());
  std::transform(ids.begin(), ids.end(), locations.begin(),
                 [&](const Hash& id) { return reader.find(kind, id); });
  return locations;
}

Result<std::optional<FoundObject>> ObjectReader::try_find(ObjectKind kind, const Hash& id) {
  SOUSCHEF_TRY(const auto locations, locate(kind, std::span(&id, 1)));
  if (!locations[0]) return std::optional<FoundObject>();
  auto found = at(*locations[0], kind, id);
  if (found) return std::optional(std::move(*found));
  if (found.error().code == ErrorCode::not_found) return std::optional<FoundObject>();
  return std::move(found).error();
}

Result<bool> ObjectReader::look_in_packs(const IsThere& is_there) {
  SOUSCHEF_CHECK(keeper_.scan());
  SOUSCHEF_TRY(const bool there, is_there());
  if (there) return true;
  SOUSCHEF_CHECK(keeper_.rebuild_if_of_use());
  return is_there();
}

// The trash comes last: it has the old copy of whatever a collection wrote anew, and a pack that comes back
// brings its garbage.
//
// A look in vain is good for some seconds for all that is missing: it has seen all packs, and it remembers
// what was set aside, which is looked for by itself. What a collection does in the meantime (it puts more
// aside, or another brings it back) raises the generation first.
Result<bool> ObjectReader::look_everywhere(ObjectKind kind, const Hash& id, const IsThere& is_there) {
  SOUSCHEF_TRY(const Generation generation, keeper_.refresh());
  SOUSCHEF_TRY(bool there, is_there());
  if (there) return true;
  const std::lock_guard lock(look_mutex_);
  SOUSCHEF_TRY(there, is_there());
  if (there) return true;
  if (vain_look_ && vain_look_->generation == generation.number &&
      clock_.since_boot() - vain_look_->at < kBetweenLooks) {
    const SetAside& aside = vain_look_->aside;
    if (!std::binary_search(aside.objects.begin(), aside.objects.end(), key_of(kind, id))) return false;
    if (aside.why_not) return set_aside(kind, id, *aside.why_not);
  }
  SOUSCHEF_TRY(there, look_in_packs(is_there));
  if (there) return true;
  SetAside aside;
  if (last_resort_) {
    SOUSCHEF_TRY(aside, last_resort_(kind, id));
  }
  // Else somebody else may have brought it back between the two looks.
  if (!aside.back) SOUSCHEF_CHECK(keeper_.scan());
  SOUSCHEF_TRY(there, is_there());
  if (there || aside.back) return there;
  vain_look_ = {clock_.since_boot(), generation.number, std::move(aside)};
  if (vain_look_->aside.why_not) return set_aside(kind, id, *vain_look_->aside.why_not);
  return false;
}

Result<FoundObject> ObjectReader::find(ObjectKind kind, const Hash& id) {
  std::optional<FoundObject> found;
  const auto is_there = [&]() -> Result<bool> {
    SOUSCHEF_TRY(found, try_find(kind, id));
    return found.has_value();
  };
  SOUSCHEF_TRY(bool there, is_there());
  if (!there) {
    SOUSCHEF_TRY(there, look_everywhere(kind, id, is_there));
  }
  if (!there) return missing(kind, id);
  return std::move(*found);
}

Result<Bytes> ObjectReader::read(ObjectKind kind, const Hash& id) {
  SOUSCHEF_TRY(const FoundObject found, find(kind, id));
  Bytes scratch;
  SOUSCHEF_TRY(const auto view, found.bytes(scratch));
  if (hash_of(view) != id)
    return Error(ErrorCode::corrupt, "damaged pack " + found.pack.brief(),
                 "object " + id.brief() + " has other bytes than its name says")
        .next_step("souschef check --data");
  return Bytes(view.begin(), view.end());
}

Result<Recipe> ObjectReader::recipe(const RecipeId& id) {
  SOUSCHEF_TRY(const Bytes bytes, read(ObjectKind::recipe, id.hash));
  return parse_recipe(bytes);
}

// ----------------------------------------------------------------------------------------- closure

std::optional<std::set<std::uint32_t>> ObjectReader::walk(const ContentId& content) {
  std::vector<RecipeSummary> recipes;
  std::set<std::uint32_t> packs;
  const auto note = [&](ObjectKind kind, std::span<const Hash> ids) {
    const auto locations = locate(kind, ids);
    if (!locations) return false;
    for (const auto& location : *locations) {
      if (!location) return false;
      packs.insert(location->pack);
    }
    return true;
  };
  {
    const auto reader = index_.read();
    if (!reader) return std::nullopt;
    recipes = reader->recipes(content);
  }
  for (const RecipeSummary& summary : recipes) {
    packs.clear();
    if (!note(ObjectKind::recipe, std::span(&summary.id.hash, 1))) continue;
    auto parsed = recipe(summary.id);
    if (!parsed) continue;
    bool complete = true;
    TreeWalker walker(std::move(parsed->root), [&](const Hash& id) -> Result<Bytes> {
      if (!note(ObjectKind::node, std::span(&id, 1))) return missing(ObjectKind::node, id);
      return read(ObjectKind::node, id);
    });
    std::vector<Hash> chunks;
    for (bool end = false; complete && !end;) {
      const auto chunk = walker.next();
      if (!chunk) complete = false;
      end = complete && !*chunk;
      if (complete && !end) chunks.push_back((*chunk)->id);
      if (end || chunks.size() >= 1024) {
        complete = complete && note(ObjectKind::chunk, chunks);
        chunks.clear();
      }
    }
    if (complete) return packs;
  }
  return std::nullopt;
}

Result<std::optional<std::vector<std::uint32_t>>> ObjectReader::closure(const ContentId& content) {
  using Packs = std::vector<std::uint32_t>;
  {
    SOUSCHEF_TRY(const ObjectIndex::Reader reader, index_.read());
    auto known = reader.closure(content);
    if (known &&
        std::all_of(known->begin(), known->end(), [&](std::uint32_t number) { return reader.pack(number); }))
      return std::optional<Packs>(std::move(*known));
  }
  const auto walked = walk(content);
  if (!walked) return std::optional<Packs>();
  Packs packs(walked->begin(), walked->end());
  SOUSCHEF_CHECK(index_.put({{}, {{content, packs}}}));
  return std::optional<Packs>(std::move(packs));
}

}  // namespace souschef::store
