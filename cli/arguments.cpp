// SPDX-License-Identifier: MIT
#include "cli/arguments.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "cli/help.hpp"
#include "cli/invocation.hpp"
#include "core/base/suggestion.hpp"

namespace souschef::cli {

struct Arguments::State {
  explicit State(Invocation& invocation_in) : invocation(invocation_in) {}

  Invocation& invocation;
  CLI::App app;
  std::vector<OptionHelp> options;
  std::string usage;
  std::string color = "auto";
  std::vector<std::string> config;
  std::string folder, log_file, trace_file;
  bool json = false, quiet = false, verbose = false, help = false;

  void describe(const std::string& names, const std::string& value_name, const std::string& doc) {
    options.push_back({names, value_name, doc});
  }
};

namespace {

Error usage_error(const Invocation& invocation, std::string what, std::string why, std::string next) {
  if (next.empty()) next = "souschef " + std::string(invocation.verb()) + " --help";
  Error error(ErrorCode::usage, std::move(what));
  if (!why.empty()) error.why.push_back(std::move(why));
  error.next = std::move(next);
  return error;
}

std::string spaced_names(const CLI::App& app, std::string_view typed) {
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  return core::closest_word(typed.substr(0, typed.find('=')), known);
}

Error unknown_word(const Invocation& invocation, const CLI::App& app, const std::string& word) {
  const bool is_option = word.rfind('-', 0) == 0;
  const std::string guess = is_option ? spaced_names(app, word) : "";
  return usage_error(invocation, (is_option ? "unknown option: " : "one word too many: ") + word, "",
                     guess.empty() ? "" : "did you mean " + guess + "?");
}

}  // namespace

Arguments::Arguments(Invocation& invocation) : state_(std::make_unique<State>(invocation)) {
  CLI::App& app = state_->app;
  app.set_help_flag();
  app.add_flag("-h,--help", state_->help);
  app.add_option("-C,--directory", state_->folder);
  app.add_flag("--json", state_->json);
  app.add_flag("-q,--quiet", state_->quiet);
  app.add_flag("-v,--verbose", state_->verbose);
  app.add_option("--color", state_->color)->check(CLI::IsMember({"auto", "always", "never"}));
  app.add_option("--log-file", state_->log_file);
  app.add_option("--trace-file", state_->trace_file);
  app.add_option("--config", state_->config)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

Arguments::~Arguments() = default;

void Arguments::flag(const std::string& names, bool& target, const std::string& doc) {
  state_->app.add_flag(names, target);
  state_->describe(names, "", doc);
}

void Arguments::flag_or_value(const std::string& name, const std::string& value_name, const std::string& bare,
                              std::string& target, const std::string& doc) {
  state_->app.add_flag(name + "{" + bare + "}", target);
  state_->describe(name + "[=" + value_name + "]", "", doc);
}

void Arguments::option(const std::string& names, const std::string& value_name, std::string& target,
                       const std::string& doc) {
  state_->app.add_option(names, target);
  state_->describe(names, value_name, doc);
}

void Arguments::option(const std::string& names, const std::string& value_name,
                       std::optional<std::string>& target, const std::string& doc) {
  state_->app.add_option_function<std::string>(names,
                                               [&target](const std::string& value) { target = value; });
  state_->describe(names, value_name, doc);
}

void Arguments::option(const std::string& names, const std::string& value_name,
                       std::optional<std::int64_t>& target, const std::string& doc) {
  state_->app.add_option_function<std::int64_t>(names,
                                                [&target](const std::int64_t& value) { target = value; });
  state_->describe(names, value_name, doc);
}

void Arguments::option(const std::string& names, const std::string& value_name, std::optional<bool>& target,
                       const std::string& doc) {
  state_->app.add_option_function<std::string>(names, [&target, names](const std::string& value) {
    if (value == "yes" || value == "true" || value == "on" || value == "1") {
      target = true;
    } else if (value == "no" || value == "false" || value == "off" || value == "0") {
      target = false;
    } else {
      throw CLI::ValidationError(names, "say yes or no, not " + value);
    }
  });
  state_->describe(names, value_name, doc);
}

void Arguments::options(const std::string& names, const std::string& value_name,
                        std::vector<std::string>& target, const std::string& doc) {
  state_->app.add_option(names, target)->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  state_->describe(names, value_name, doc);
}

void Arguments::positional(const std::string& name, std::string& target, const std::string& doc) {
  state_->app.add_option(name, target)->required();
  state_->usage += " " + name;
  state_->describe(name, "", doc);
}

void Arguments::optional_positional(const std::string& name, std::string& target, const std::string& doc) {
  state_->app.add_option(name, target);
  state_->usage += " [" + name + "]";
  state_->describe(name, "", doc);
}

void Arguments::positionals(const std::string& name, std::vector<std::string>& target,
                            const std::string& doc) {
  state_->app.add_option(name, target)->required();
  state_->usage += " " + name + "...";
  state_->describe(name, "", doc);
}

void Arguments::optional_positionals(const std::string& name, std::vector<std::string>& target,
                                     const std::string& doc) {
  state_->app.add_option(name, target);
  state_->usage += " [" + name + "...]";
  state_->describe(name, "", doc);
}

Result<Parsed> Arguments::parse() {
  State& state = *state_;
  Invocation& invocation = state.invocation;
  std::vector<std::string> words = invocation.arguments();
  const bool wants_help = std::any_of(words.begin(), std::find(words.begin(), words.end(), "--"),
                                      [](const std::string& w) { return w == "-h" || w == "--help"; });
  if (wants_help) {
    print_command_help(invocation.terminal(), invocation.verb(), state.usage, state.options);
    return Parsed::help;
  }
  std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
  try {
    state.app.parse(std::move(words));
  } catch (const CLI::ExtrasError&) {
    const std::vector<std::string> extras = state.app.remaining();
    const std::string word = extras.empty() ? "" : extras.front();
    return unknown_word(invocation, state.app, word);
  } catch (const CLI::RequiredError& error) {
    // What is missing may only be missing because of a typo in an option.
    for (const std::string& word : state.app.remaining())
      if (word.rfind('-', 0) == 0) return unknown_word(invocation, state.app, word);
    return usage_error(invocation, "souschef " + std::string(invocation.verb()) + " needs" + state.usage,
                       error.what(), "");
  } catch (const CLI::ParseError& error) {
    return usage_error(invocation, error.what(), "", "");
  }
  GlobalOptions global;
  global.folder = state.folder;
  global.json = state.json;
  global.quiet = state.quiet;
  global.verbose = state.verbose;
  global.color = state.color == "always"  ? ColorChoice::always
                 : state.color == "never" ? ColorChoice::never
                                          : ColorChoice::automatic;
  for (const std::string& setting : state.config) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos)
      return usage_error(invocation, "--config takes KEY=VALUE, not " + setting, "", "");
    global.config.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
  }
  global.log_file = state.log_file;
  global.trace_file = state.trace_file;
  SOUSCHEF_CHECK(invocation.apply(global));
  return Parsed::run;
}

}  // namespace souschef::cli
