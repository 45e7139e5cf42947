// SPDX-License-Identifier: MIT
#include "store/store_format.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <sstream>

#include "store/hasher.hpp"

namespace souschef::store {

namespace {

constexpr std::string_view kMagic = "souschef-store ";
constexpr std::string_view kHash = "blake3-256";
constexpr std::string_view kChunker = "fastcdc-gear-blake3";

Error damaged(std::string why) {
  return Error(ErrorCode::corrupt, "the store's FORMAT is damaged", std::move(why));
}

std::string joined(const std::vector<std::string>& names) {
  if (names.empty()) return "-";
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> names;
  if (text == "-") return names;
  std::istringstream in{std::string(text)};
  for (std::string name; std::getline(in, name, ',');) names.push_back(name);
  return names;
}

bool read_number(std::string_view text, std::uint32_t& number) {
  const auto end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

std::string check_of(std::string_view text) {
  return hash_of(text).hex().substr(0, 16);
}

// "fastcdc-gear-blake3 minimum=… average=… maximum=… normalization=…"
Result<ChunkerParameters> parse_chunker(std::string_view text) {
  std::istringstream words{std::string(text)};
  std::string word;
  words >> word;
  if (word != kChunker) return Error(ErrorCode::unsupported, "a store cut by " + word);
  ChunkerParameters parameters;
  const std::map<std::string, std::uint32_t*, std::less<>> fields = {
      {"minimum", &parameters.minimum},
      {"average", &parameters.average},
      {"maximum", &parameters.maximum},
      {"normalization", &parameters.normalization}};
  std::size_t found = 0;
  while (words >> word) {
    const std::size_t equal = word.find('=');
    if (equal == std::string::npos) return damaged("chunker parameters");
    const auto field = fields.find(word.substr(0, equal));
    if (field == fields.end()) return Error(ErrorCode::unsupported, "a chunker with " + word);
    if (!read_number(std::string_view(word).substr(equal + 1), *field->second))
      return damaged("chunker parameters");
    ++found;
  }
  if (found != fields.size() || !parameters.valid()) return damaged("chunker parameters");
  return parameters;
}

}  // namespace

std::string serialize(const StoreFormat& format) {
  const ChunkerParameters& chunker = format.chunker;
  std::string text = std::string(kMagic) + std::to_string(format.version) + "\n";
  text += "uuid " + format.uuid + "\n";
  text += "hash " + std::string(kHash) + "\n";
  text += "chunker " + std::string(kChunker) + " minimum=" + std::to_string(chunker.minimum) +
          " average=" + std::to_string(chunker.average) + " maximum=" + std::to_string(chunker.maximum) +
          " normalization=" + std::to_string(chunker.normalization) + "\n";
  text += "needed-to-read " + joined(format.needed_to_read) + "\n";
  text += "needed-to-write " + joined(format.needed_to_write) + "\n";
  text += "needed-to-gc " + joined(format.needed_to_gc) + "\n";
  return text + "check " + check_of(text) + "\n";
}

Result<StoreFormat> parse_format(std::string_view text) {
  if (!text.starts_with(kMagic)) return damaged("it begins otherwise");
  const std::size_t first_end = text.find('\n');
  if (first_end == std::string_view::npos) return damaged("it ends too early");
  StoreFormat format;
  if (!read_number(text.substr(kMagic.size(), first_end - kMagic.size()), format.version))
    return damaged("no version");
  if (format.version != kStoreVersion)
    return Error(ErrorCode::unsupported, "a store of format " + std::to_string(format.version),
                 "this program knows format " + std::to_string(kStoreVersion))
        .next_step("update souschef");

  const std::size_t check = text.rfind("check ");
  if (check == std::string_view::npos ||
      text.substr(check) != "check " + check_of(text.substr(0, check)) + "\n")
    return damaged("a wrong checksum");

  std::map<std::string, std::string, std::less<>> lines;
  std::istringstream in{std::string(text.substr(first_end + 1, check - first_end - 1))};
  for (std::string line; std::getline(in, line);) {
    const std::size_t space = line.find(' ');
    if (space == std::string::npos) return damaged("a line without a value");
    if (!lines.emplace(line.substr(0, space), line.substr(space + 1)).second) return damaged("a line twice");
  }
  for (const char* key : {"uuid", "hash", "chunker", "needed-to-read", "needed-to-write", "needed-to-gc"})
    if (!lines.contains(key)) return damaged("no line for " + std::string(key));

  format.uuid = lines["uuid"];
  if (lines["hash"] != kHash) return Error(ErrorCode::unsupported, "a store hashed by " + lines["hash"]);
  SOUSCHEF_TRY(format.chunker, parse_chunker(lines["chunker"]));
  format.needed_to_read = split(lines["needed-to-read"]);
  format.needed_to_write = split(lines["needed-to-write"]);
  format.needed_to_gc = split(lines["needed-to-gc"]);
  return format;
}

Status check_abilities(const StoreFormat& format, Purpose purpose) {
  // What this program is able to, beyond version 1.
  static const std::vector<std::string> kAbilities;
  // Who writes must be able to read, who collects garbage must be able to do both.
  std::vector<std::string> needed = format.needed_to_read;
  const auto add = [&needed](const std::vector<std::string>& more) {
    needed.insert(needed.end(), more.begin(), more.end());
  };
  if (purpose != Purpose::read) add(format.needed_to_write);
  if (purpose == Purpose::gc) add(format.needed_to_gc);
  for (const std::string& ability : needed)
    if (std::find(kAbilities.begin(), kAbilities.end(), ability) == kAbilities.end())
      return Error(ErrorCode::unsupported, "this store was changed by a newer souschef",
                   "it needs \"" + ability + "\"")
          .next_step("update souschef");
  return {};
}

}  // namespace souschef::store
