// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "plugins/blend/found.hpp"
#include "plugins/blend/record.hpp"
#include "plugins/blend/scope.hpp"
#include "plugins/blend/unit.hpp"

namespace souschef::blend {

struct FileNotes;

// One datablock in the hands of the part of the tracer that knows its kind.
class Visit {
 public:
  Visit(const Units& units, std::uint32_t unit, Scope& scope, FileNotes& notes, FindingSink& sink)
      : units_(units), unit_(unit), scope_(scope), notes_(notes), sink_(sink) {}

  // Moves on to a datablock of the unit.
  void enter(std::uint32_t datablock);

  [[nodiscard]] const Unit& unit() const { return units_.all[unit_]; }
  [[nodiscard]] const Units& units() const { return units_; }
  [[nodiscard]] std::uint32_t unit_number() const { return unit_; }
  [[nodiscard]] const BlendFile& file() const { return *unit().file; }
  [[nodiscard]] Scope& scope() { return scope_; }
  [[nodiscard]] FileNotes& notes() { return notes_; }
  // Of the unit, and as the host numbers it.
  [[nodiscard]] std::uint32_t local() const { return datablock_; }
  [[nodiscard]] std::uint32_t datablock() const { return unit().first_datablock + datablock_; }
  [[nodiscard]] const Record& id() const { return id_; }
  // "Cube" of "OBCube"
  [[nodiscard]] std::string_view plain_name() const;
  // The file that relative paths of this datablock are relative to, where it is not the traced one.
  [[nodiscard]] const std::string& base() const { return base_; }

  // A reference whose path is in the char array `member`; nothing is in it yet but path, property and spot.
  [[nodiscard]] Found in_array(const Record& owner, MemberName member, std::string property) const;
  // A reference whose path is in the raw block that the char pointer `member` leads to.
  [[nodiscard]] Found in_string(const Record& owner, MemberName member, std::string property);
  // A reference whose path is made up here and stands nowhere.
  [[nodiscard]] Found made_up(std::string path, std::string property) const;

  // Hands over a reference; the datablock and the base are filled in. One without a path is dropped, unless
  // that means the default folder of a point cache. Returns its number, or kNone.
  std::uint32_t add(Found found);
  void add(TracedOutput output);
  void add(TracedSimulation simulation);
  void warn(std::string code, std::string message);

 private:
  const Units& units_;
  std::uint32_t unit_;
  Scope& scope_;
  FileNotes& notes_;
  FindingSink& sink_;
  std::uint32_t datablock_ = 0;
  Record id_;
  std::string base_;
};

// What the parts for each kind of datablock are: they report what the datablock in `visit` refers to.
using Extractor = void (*)(Visit& visit);

}  // namespace souschef::blend
