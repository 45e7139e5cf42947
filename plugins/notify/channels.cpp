// SPDX-License-Identifier: MIT
#include "plugins/notify/channels.hpp"

#include <chrono>
#include <ctime>
#include <fstream>
#include <iterator>
#include <system_error>

#include "plugins/notify/curl_library.hpp"
#include "plugins/notify/mail.hpp"

namespace fs = std::filesystem;

namespace souschef::notify {
namespace {

constexpr std::uintmax_t kLargestPicture = 8U << 20;  // what Discord takes, and what a letter should hold
constexpr std::size_t kKeptErrors = 2U << 10;

std::string setting(const HostJson& request, const char* name) {
  return request.text((std::string("/settings/") + name).c_str());
}

std::vector<std::string> setting_list(const HostJson& request, const char* name) {
  std::vector<std::string> list;
  const std::string pointer = std::string("/settings/") + name;
  for (std::size_t i = 0; i < request.count(pointer.c_str()); ++i)
    list.push_back(request.text((pointer + "/" + std::to_string(i)).c_str()));
  return list;
}

std::uint32_t timeout_of(const HostJson& request) {
  return static_cast<std::uint32_t>(request.integer("/settings/timeout_seconds", 20));
}

std::string webhook_of(const HostJson& request) {
  const std::string secret = setting(request, "webhook_secret");
  return secret.empty() ? setting(request, "webhook") : secret;
}

// The thumbnail, if it is there and small enough; a message without it is better than none.
fs::path picture_of(const Event& event) {
  std::error_code failed;
  const fs::path path = event.thumbnail;
  if (path.empty() || !fs::is_regular_file(path, failed)) return {};
  const std::uintmax_t size = fs::file_size(path, failed);
  return failed || size == 0 || size > kLargestPicture ? fs::path() : path;
}

Status run(const Host& host, CallContext& call, Program program, const HostJson& request) {
  std::string errors;
  program.time_limit_ms = std::uint64_t{timeout_of(request)} * 1000;
  program.errors = [&](std::string_view piece) {
    if (errors.size() < kKeptErrors) errors += piece;
  };
  auto end = host.run(call, program);
  if (!end) return std::move(end.error()).in_context("cannot run " + program.words.front());
  if (end->success()) return {};
  while (!errors.empty() && errors.back() == '\n') errors.pop_back();
  Error error(ErrorCode::child_failed, program.words.front() + " failed", end->text());
  if (!errors.empty()) error.why.push_back(errors);
  return error;
}

Status desktop(const Host& host, CallContext& call, const HostJson& request, const Event& event) {
  Program program;
  const bool bad = event.name.find("failed") != std::string::npos || event.name == "stalled";
  program.words = {"notify-send", "--app-name=Sous Chef", bad ? "--urgency=critical" : "--urgency=normal"};
  if (const fs::path picture = picture_of(event); !picture.empty())
    program.words.push_back("--icon=" + picture.string());
  program.words.insert(program.words.end(), {"--", title_of(event), event.message});
  Status told = run(host, call, std::move(program), request);
  if (!told && told.error().code == ErrorCode::not_found)
    return std::move(told.error()).next_step("install notify-send (Debian: apt-get install libnotify-bin)");
  return told;
}

// What a server's answer means for trying again.
Status judge(const HttpAnswer& answer) {
  if (answer.status >= 200 && answer.status < 300) return {};
  // It has read what we sent and does not want it; everything else may be mended, here or there.
  const bool final = answer.status == 400 || answer.status == 413 || answer.status == 422;
  Error error(final ? ErrorCode::bad_input : ErrorCode::failed,
              "the webhook answered with " + std::to_string(answer.status));
  if (!answer.body.empty()) error.why.push_back(answer.body.substr(0, 300));
  return error;
}

Status webhook(const Host& host, CallContext& call, const HostJson& request, const Event& event) {
  HttpPost out;
  out.address = webhook_of(request);
  out.timeout_seconds = timeout_of(request);
  out.content_type = "application/json";
  const std::string format = setting(request, "format");
  if (format == "slack") {
    out.body = slack_body(event, host);
  } else if (format == "discord") {
    out.body = discord_body(event, host);
    out.file = picture_of(event);
  } else if (format == "text") {
    out.body = text_body(event);
    out.content_type = "text/plain; charset=utf-8";
  } else if (format == "custom") {
    out.content_type = setting(request, "content_type");
    const bool is_json = out.content_type.find("json") != std::string::npos;
    out.body = filled(setting(request, "body"), event, host, is_json ? in_json : as_it_is);
  } else {
    out.body = event.json;
  }
  if (const std::string token = setting(request, "token"); !token.empty())
    out.headers.push_back("Authorization: Bearer " + token);
  SOUSCHEF_TRY(const HttpAnswer answer, post(call, out));
  return judge(answer);
}

Status mail(CallContext& call, const HostJson& request, const Event& event) {
  Mail out;
  out.server = setting(request, "smtp");
  out.user = setting(request, "smtp_user");
  out.password = setting(request, "smtp_password");
  out.to = setting_list(request, "mail_to");
  out.from = setting(request, "mail_from");
  if (out.from.empty()) out.from = out.to.front();
  out.timeout_seconds = timeout_of(request);
  Letter letter{out.from,         out.to,     title_of(event) + ": " + event.message,
                event.id,         event.host, std::time(nullptr),
                text_body(event), {},         {}};
  if (const fs::path picture = picture_of(event); !picture.empty()) {
    std::ifstream in(picture, std::ios::binary);
    letter.picture.assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    letter.picture_name = "thumbnail" + picture.extension().string();
  }
  out.text = letter_text(letter);
  return send(call, out);
}

Status command(const Host& host, CallContext& call, const HostJson& request, const Event& event) {
  Program program;
  for (const std::string& word : setting_list(request, "command"))
    program.words.push_back(filled(word, event, host, as_it_is));
  program.input = event.json + "\n";
  program.variables = {{"SOUSCHEF_EVENT", event.name},      {"SOUSCHEF_EVENT_ID", event.id},
                       {"SOUSCHEF_MESSAGE", event.message}, {"SOUSCHEF_ORDER", event.order},
                       {"SOUSCHEF_HOST", event.host},       {"SOUSCHEF_TIME", event.time}};
  return run(host, call, std::move(program), request);
}

Status check_mail(const HostJson& request) {
  const std::string server = setting(request, "smtp"), from = setting(request, "mail_from");
  if (!server.starts_with("smtp://") && !server.starts_with("smtps://"))
    return Error(ErrorCode::bad_input, "mail_to needs smtp, a server as smtp://host:587");
  for (const std::string& address : setting_list(request, "mail_to"))
    if (!is_address(address)) return Error(ErrorCode::bad_input, "not an e-mail address: " + address);
  if (!from.empty() && !is_address(from))
    return Error(ErrorCode::bad_input, "not an e-mail address: " + from);
  return {};
}

}  // namespace

std::string_view name_of(Channel channel) {
  switch (channel) {
    case Channel::desktop:
      return "desktop";
    case Channel::webhook:
      return "webhook";
    case Channel::mail:
      return "e-mail";
    case Channel::command:
      return "command";
  }
  return "";
}

Result<std::vector<Channel>> channels_of(const HostJson& request) {
  std::vector<Channel> channels;
  if (request.boolean("/settings/desktop")) channels.push_back(Channel::desktop);
  if (const std::string address = webhook_of(request); !address.empty()) {
    if (!address.starts_with("http://") && !address.starts_with("https://"))
      return Error(ErrorCode::bad_input, "webhook has to begin with https:// or http://");
    if (setting(request, "format") == "custom" && setting(request, "body").empty())
      return Error(ErrorCode::bad_input, "format = custom needs a body");
    if ((setting(request, "token") + setting(request, "content_type")).find_first_of("\r\n") !=
        std::string::npos)
      return Error(ErrorCode::bad_input, "token and content_type have to be one line");
    channels.push_back(Channel::webhook);
  }
  if (request.count("/settings/mail_to") > 0) {
    SOUSCHEF_CHECK(check_mail(request));
    channels.push_back(Channel::mail);
  }
  if (request.count("/settings/command") > 0) channels.push_back(Channel::command);
  if (channels.empty())
    return Error(ErrorCode::bad_input, "notify is not told how to tell anybody")
        .next_step("set desktop, webhook, mail_to or command: souschef plugin info notify");
  return channels;
}

Status tell(Channel channel, const Host& host, CallContext& call, const HostJson& request,
            const Event& event) {
  switch (channel) {
    case Channel::desktop:
      return desktop(host, call, request, event);
    case Channel::webhook:
      return webhook(host, call, request, event);
    case Channel::mail:
      return mail(call, request, event);
    case Channel::command:
      return command(host, call, request, event);
  }
  return {};
}

}  // namespace souschef::notify
