// Appends one line for every event to a file.
#include <fstream>
#include <string>

#include <souschef/plugin.hpp>

namespace {

using namespace souschef;

class @CLASS@ final : public Plugin, public Calls {
 public:
  static constexpr souschef_descriptor kDescriptor = descriptor("@NAME@", "0.1.0");
  using Plugin::Plugin;
  Calls& calls() { return *this; }

  // The same event comes again after an error, or where the machine stops at the wrong moment: its id is the same then.
  Result<std::string> call(CallContext&, std::string_view method, std::string_view request) override {
    if (method != "event.handle") return Error(ErrorCode::unsupported, "unknown method: " + std::string(method));
    const HostJson json = host().json(request);
    if (!json) return Error(ErrorCode::bad_input, "the request is not JSON");
    const std::string file = json.text("/settings/file");
    if (file.empty()) return std::string(R"({"ignored": true})");
    std::ofstream out(file, std::ios::app);
    out << json.text("/event/time") << " " << json.text("/event/name") << ": " << json.text("/event/message") << "\n";
    out.close();
    if (!out) return Error(ErrorCode::io, "cannot write to " + file);
    return std::string("{}");
  }
};

SOUSCHEF_PLUGIN(@CLASS@)

}  // namespace
