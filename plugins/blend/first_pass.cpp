// SPDX-License-Identifier: MIT
// One loop over the flat block table, group by group. What to look at in a block is compiled once per struct
// (struct_plans.hpp), so a block of vertices costs two loads from the table and nothing of it is touched. A
// pointer is looked up among the datablocks only; the index of the group is made when an array of pointers, a
// heap string or an address with two meanings asks for it.
#include "plugins/blend/first_pass.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <unordered_set>

#include "plugins/blend/residual_rules.hpp"
#include "plugins/blend/spots.hpp"
#include "plugins/blend/struct_plans.hpp"

namespace souschef::blend {
namespace {

// What is kept for people; a file with more of them is told about by its number.
constexpr std::size_t kMaxSuspicions = 10000;
constexpr std::size_t kMaxDrivers = 1000;

// How many blocks ahead of the one in hand the processor is told of, and how much of each.
constexpr std::uint32_t kAhead = 8;
constexpr std::uint64_t kExpected = 512;

constexpr Code kBrush = code_of("BR");

class FirstPass {
 public:
  FirstPass(const Units& units, std::uint32_t unit, Uses& uses, FileNotes& notes)
      : units_(units),
        number_(unit),
        file_(*units.all[unit].file),
        scope_(file_, *units.all[unit].effort),
        plans_(file_.dna()),
        uses_(uses),
        notes_(notes) {}

  Status run() {
    const Datablocks& datablocks = file_.datablocks();
    for (datablock_ = 0; datablock_ < datablocks.size(); ++datablock_) {
      const std::uint32_t group = datablocks.group(datablock_);
      code_ = file_.blocks().groups()[group].code;
      scope_.enter(group);
      if (!seen_.empty()) seen_ = {};  // clear() would cost as much as the largest group so far
      if (!is_interface(code_)) look_at_group(group);
      if (datablocks.is_placeholder(datablock_)) link_packed();
      SOUSCHEF_CHECK(uses_.next());
    }
    if (plans_.exhausted())
      return Error(ErrorCode::bad_input, "the struct catalogue of the .blend is larger than any Blender's");
    return file_.content().status();
  }

 private:
  void look_at_group(std::uint32_t group) {
    const Blocks& blocks = file_.blocks();
    const std::uint32_t end = blocks.group_end(group);
    const std::uint32_t structs = file_.dna().struct_count();
    for (std::uint32_t block = blocks.groups()[group].first; block < end; ++block) {
      expect(block + kAhead);
      const std::uint32_t index = blocks.struct_index(block);
      if (index == 0 || index >= structs) continue;  // raw data is read by who points to it
      const StructPlan& plan = plans_.of(index);
      if (!plan.empty()) look_at_block(block, index, plan);
    }
  }

  // The blocks are strewn over a memory that no cache holds: those that will be looked at are asked for while
  // others are worked on.
  [[gnu::always_inline]] void expect(std::uint32_t block) {
    const Blocks& blocks = file_.blocks();
    if (block >= blocks.size()) return;
    const std::uint32_t index = blocks.struct_index(block);
    if (index == 0 || index >= file_.dna().struct_count() || plans_.of(index).empty()) return;
    file_.content().expect(blocks.offset(block), std::min(blocks.length(block), kExpected));
  }

  void look_at_block(std::uint32_t block, std::uint32_t index, const StructPlan& plan) {
    const std::uint64_t offset = file_.blocks().offset(block);
    const auto data = file_.data(block);
    const std::size_t count = data.size() / plan.size;
    for (std::size_t i = 0; i < count; ++i) {
      const std::byte* at = data.data() + i * plan.size;
      for (const StructPlan::Pointer& pointer : plan.pointers)
        look_at_pointer(at + pointer.offset, pointer, plan);
      for (const StructPlan::Text& text : plan.texts)
        look_at_text(at + text.offset, offset + i * plan.size + text.offset, text);
      if (plan.special != StructPlan::Special::none)
        look_at_special(Record(file_.dna(), index, {at, plan.size}, offset + i * plan.size), plan.special);
    }
  }

  void look_at_pointer(const std::byte* at, const StructPlan::Pointer& pointer, const StructPlan& plan) {
    const std::uint32_t size = file_.dna().pointer_size();
    for (std::uint32_t i = 0; i < pointer.count; ++i) {
      const Address address = load_address(at + i * size, size, file_.dna().order());
      if (address == 0) continue;
      if (pointer.to_array) {
        look_at_array(address);
      } else {
        use(address, plan);
      }
    }
  }

  void look_at_array(Address array) {
    const std::uint32_t block = scope_.block_at(array);
    if (block == kNoBlock || !seen_.insert(block).second) return;
    const auto bytes = file_.data(block);
    const std::uint32_t size = file_.dna().pointer_size();
    for (std::size_t at = 0; at + size <= bytes.size(); at += size)
      use(load_address(bytes.data() + at, size, file_.dna().order()), {});
  }

  void use(Address address, const StructPlan& plan) {
    const std::uint32_t target = scope_.datablock_at(address);
    if (target == kNoDatablock || target == datablock_) return;
    uses_.add(target, code_ == kBrush || plan.special == StructPlan::Special::camera_background ||
                          is_empty_image(target));
  }

  // An empty shows an image in the viewport; no render does.
  bool is_empty_image(std::uint32_t target) {
    if (code_ != code_of("OB")) return false;
    const auto target_code = file_.blocks().groups()[file_.datablocks().group(target)].code;
    return target_code == code_of("IM") && scope_.head().integer("type", -1) == 0;
  }

  void look_at_text(const std::byte* at, std::uint64_t offset, const StructPlan::Text& text) {
    Spot spot;
    spot.unit = number_;
    std::string_view value;
    if (text.size != 0) {
      const char* start = reinterpret_cast<const char*>(at);
      const auto* end = static_cast<const char*>(std::memchr(start, 0, text.size));
      value = {start, end == nullptr ? text.size : static_cast<std::size_t>(end - start)};
      spot.kind = Spot::Kind::array;
      spot.offset = offset;
      spot.capacity = text.size;
    } else {
      const Address address = load_address(at, file_.dna().pointer_size(), file_.dna().order());
      if (address == 0) return;
      spot.block = scope_.block_at(address);
      if (spot.block == kNoBlock || !seen_.insert(spot.block).second) return;
      value = scope_.string_at(address).value_or("");
      spot.kind = Spot::Kind::string;
      spot.offset = file_.blocks().offset(spot.block);
    }
    // Small arrays are names: there only what begins like a path counts.
    const bool strict = text.size != 0 && text.size < 128;
    if (looks_like_path(value, strict))
      suspect(value, spot,
              std::string(file_.dna().struct_at(text.owner).name) + "." + std::string(text.member));
  }

  void look_at_special(const Record& record, StructPlan::Special special) {
    if (special == StructPlan::Special::driver) look_at_driver(record);
    if (special == StructPlan::Special::property) look_at_property(record);
  }

  void look_at_driver(const Record& driver) {
    constexpr std::int64_t kPython = 1;
    ++notes_.all_drivers;
    if (driver.integer("type") != kPython) return;
    const std::string_view expression = driver.text("expression");
    if (!is_simple_expression(expression) && notes_.drivers.size() < kMaxDrivers)
      notes_.drivers.push_back({datablock_, std::string(expression)});
  }

  void look_at_property(const Record& property) {
    constexpr std::int64_t kString = 0;
    if (property.integer("type", -1) != kString || property.integer("len") < 4) return;
    const Address address = property.record("data").pointer("pointer");
    if (!seen_.insert(scope_.block_at(address)).second) return;
    const auto value = scope_.string_at(address);
    if (!value || !looks_like_path(*value)) return;
    suspect(*value, property_spot(scope_, property, number_),
            "property \"" + std::string(property.text("name")) + "\"");
  }

  void suspect(std::string_view text, const Spot& spot, std::string property) {
    if (notes_.suspicions.size() >= kMaxSuspicions) return;
    notes_.suspicions.push_back({datablock_, std::move(property), spot, std::string(text)});
  }

  // A placeholder of a packed library stands for the datablock of the same name in there.
  void link_packed() {
    const Datablocks& datablocks = file_.datablocks();
    const std::uint32_t library = scope_.datablock_at(datablocks.library(datablock_));
    if (library == kNoDatablock) return;
    const std::uint32_t unit = units_.packed_in(number_, library);
    if (unit == 0) return;
    const Unit& packed = units_.all[unit];
    if (const auto found = packed.by_name.find(datablocks.name(datablock_)); found != packed.by_name.end())
      uses_.add_outside(packed.first_datablock + found->second);
  }

  const Units& units_;
  std::uint32_t number_;
  const BlendFile& file_;
  Scope scope_;
  StructPlans plans_;
  Uses& uses_;
  FileNotes& notes_;
  std::unordered_set<std::uint32_t> seen_;  // raw blocks of the group that have been looked at
  std::uint32_t datablock_ = 0;
  Code code_{};
};

}  // namespace

bool is_interface(Code code) {
  return code == code_of("WM") || code == code_of("SN") || code == code_of("SR") || code == code_of("WS");
}

Status first_pass(const Units& units, std::uint32_t unit, Uses& uses, FileNotes& notes) {
  return FirstPass(units, unit, uses, notes).run();
}

}  // namespace souschef::blend
