// SPDX-License-Identifier: MIT
#include "core/base/json_text.hpp"

#include <optional>

namespace souschef::core {
namespace {

// Builds the value, stops at the first fault or at too deep a nesting.
class BoundedReader final : public nlohmann::json_sax<Json> {
 public:
  BoundedReader(Json& root, int max_depth) : builder_(root, false), max_depth_(max_depth) {}

  bool null() override { return builder_.null(); }
  bool boolean(bool value) override { return builder_.boolean(value); }
  bool number_integer(number_integer_t value) override { return builder_.number_integer(value); }
  bool number_unsigned(number_unsigned_t value) override { return builder_.number_unsigned(value); }
  bool number_float(number_float_t value, const string_t& text) override {
    return builder_.number_float(value, text);
  }
  bool string(string_t& value) override { return builder_.string(value); }
  bool binary(binary_t& value) override { return builder_.binary(value); }
  bool start_object(std::size_t size) override { return enter() && builder_.start_object(size); }
  bool key(string_t& value) override { return builder_.key(value); }
  bool end_object() override { return leave() && builder_.end_object(); }
  bool start_array(std::size_t size) override { return enter() && builder_.start_array(size); }
  bool end_array() override { return leave() && builder_.end_array(); }
  bool parse_error(std::size_t position, const std::string& token,
                   const nlohmann::detail::exception&) override {
    fault_ = "not JSON at byte " + std::to_string(position);
    if (!token.empty()) *fault_ += ", near " + token.substr(0, 80);
    return false;
  }

  [[nodiscard]] std::string fault() const { return fault_.value_or("a number or a size is out of range"); }

 private:
  bool enter() {
    if (++depth_ <= max_depth_) return true;
    fault_ = "nested deeper than " + std::to_string(max_depth_) + " levels";
    return false;
  }
  bool leave() {
    --depth_;
    return true;
  }

  nlohmann::detail::json_sax_dom_parser<Json> builder_;
  int max_depth_;
  int depth_ = 0;
  std::optional<std::string> fault_;
};

}  // namespace

Result<Json> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes)
    return Error(ErrorCode::bad_input, "the JSON text is too long",
                 std::to_string(text.size()) + " bytes, the limit is " + std::to_string(limits.bytes));
  Json value;
  BoundedReader reader(value, limits.depth);
  if (!Json::sax_parse(text, &reader)) return Error(ErrorCode::bad_input, "not valid JSON", reader.fault());
  return value;
}

std::string json_text(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string text_at(const Json& json, std::string_view name) {
  const auto found = json.is_object() ? json.find(name) : json.end();
  return json.is_object() && found != json.end() && found->is_string() ? found->get<std::string>()
                                                                       : std::string();
}

}  // namespace souschef::core
