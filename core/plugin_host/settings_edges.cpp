// SPDX-License-Identifier: MIT
#include "core/plugin_host/settings_edges.hpp"

#include <string>

namespace souschef::core {

std::vector<Json> edges_of(const Setting& setting) {
  std::vector<Json> edges = setting.choices;
  switch (setting.type) {
    case SettingType::boolean:
      edges = {false, true};
      break;
    case SettingType::integer:
      for (const auto& bound : {setting.minimum, setting.maximum})
        if (bound && setting.choices.empty()) edges.emplace_back(static_cast<std::int64_t>(*bound));
      break;
    case SettingType::number:
      for (const auto& bound : {setting.minimum, setting.maximum})
        if (bound && setting.choices.empty()) edges.emplace_back(*bound);
      break;
    case SettingType::text:
      if (setting.choices.empty())
        edges = {"", "a 'b' \"c\" \\ $d \n", std::string(5000, 'x'), "\u00e4\u6f22"};
      break;
    case SettingType::array:
      edges = {Json::array()};
      break;
    case SettingType::object:
      edges = {Json::object()};
      break;
  }
  return edges;
}

}  // namespace souschef::core
