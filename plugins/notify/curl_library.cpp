// SPDX-License-Identifier: MIT
// The library is found by its name at run time (soname 4 for all of libcurl 7 and 8); the headers are needed
// for its constants and types only. Debian has two builds of it, with OpenSSL and with GnuTLS; either will
// do.
#include "plugins/notify/curl_library.hpp"

#if defined(SOUSCHEF_CURL)
#include <curl/curl.h>
#include <dlfcn.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

namespace souschef::notify {
namespace {

constexpr std::size_t kKeptAnswer = 4U << 10;

struct Library {
  decltype(&curl_global_init) global_init = nullptr;
  decltype(&curl_easy_init) easy_init = nullptr;
  decltype(&curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&curl_easy_setopt) easy_setopt = nullptr;
  decltype(&curl_easy_perform) easy_perform = nullptr;
  decltype(&curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&curl_easy_strerror) easy_strerror = nullptr;
  decltype(&curl_slist_append) slist_append = nullptr;
  decltype(&curl_slist_free_all) slist_free_all = nullptr;
  decltype(&curl_mime_init) mime_init = nullptr;
  decltype(&curl_mime_free) mime_free = nullptr;
  decltype(&curl_mime_addpart) mime_addpart = nullptr;
  decltype(&curl_mime_name) mime_name = nullptr;
  decltype(&curl_mime_data) mime_data = nullptr;
  decltype(&curl_mime_type) mime_type = nullptr;
  decltype(&curl_mime_filedata) mime_filedata = nullptr;
};

template <class Function>
bool load(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

// Once, and never unloaded: libraries of TLS do not like it. Null where there is none.
const Library* load_library() {
  void* handle = nullptr;
  for (const char* name : {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.4.dylib"})
    if (handle == nullptr) handle = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return nullptr;
  static Library library;
  const bool whole = load(handle, "curl_global_init", library.global_init) &&
                     load(handle, "curl_easy_init", library.easy_init) &&
                     load(handle, "curl_easy_cleanup", library.easy_cleanup) &&
                     load(handle, "curl_easy_setopt", library.easy_setopt) &&
                     load(handle, "curl_easy_perform", library.easy_perform) &&
                     load(handle, "curl_easy_getinfo", library.easy_getinfo) &&
                     load(handle, "curl_easy_strerror", library.easy_strerror) &&
                     load(handle, "curl_slist_append", library.slist_append) &&
                     load(handle, "curl_slist_free_all", library.slist_free_all) &&
                     load(handle, "curl_mime_init", library.mime_init) &&
                     load(handle, "curl_mime_free", library.mime_free) &&
                     load(handle, "curl_mime_addpart", library.mime_addpart) &&
                     load(handle, "curl_mime_name", library.mime_name) &&
                     load(handle, "curl_mime_data", library.mime_data) &&
                     load(handle, "curl_mime_type", library.mime_type) &&
                     load(handle, "curl_mime_filedata", library.mime_filedata);
  return whole && library.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? &library : nullptr;
}

Result<const Library*> library() {
  static const Library* const kLibrary = load_library();
  if (kLibrary != nullptr) return kLibrary;
  return Error(ErrorCode::unsupported, "there is no libcurl on this machine",
               "webhooks and e-mail are sent with it")
      .next_step("install libcurl (Debian: apt-get install libcurl4), or use desktop or command");
}

// One transfer: the handle, its lists, what it says.
class Transfer {
 public:
  static Result<std::unique_ptr<Transfer>> make(CallContext& call) {
    SOUSCHEF_TRY(const Library* const curl, library());
    CURL* const handle = curl->easy_init();
    if (handle == nullptr) return Error(ErrorCode::failed, "libcurl does not start");
    return std::unique_ptr<Transfer>(new Transfer(call, *curl, handle));
  }
  ~Transfer() {
    curl_.easy_cleanup(handle_);
    curl_.mime_free(form_);
    for (curl_slist* list : lists_) curl_.slist_free_all(list);
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  template <class Value>
  void set(CURLoption option, Value value) {
    const CURLcode code = curl_.easy_setopt(handle_, option, value);
    if (code != CURLE_OK && first_fault_ == CURLE_OK) first_fault_ = code;
  }
  void set_list(CURLoption option, const std::vector<std::string>& lines) {
    curl_slist* list = nullptr;
    for (const std::string& line : lines) list = curl_.slist_append(list, line.c_str());
    lists_.push_back(list);
    set(option, list);
  }
  void add_part(const char* name, const std::string& data, const char* type) {
    curl_mimepart* const part = new_part(name);
    curl_.mime_data(part, data.data(), data.size());
    curl_.mime_type(part, type);
  }
  void add_file(const char* name, const std::filesystem::path& file) {
    const CURLcode code = curl_.mime_filedata(new_part(name), file.c_str());
    if (code != CURLE_OK && first_fault_ == CURLE_OK) first_fault_ = code;
  }

  // `what`: "cannot reach https://...", for messages.
  Status run(std::uint32_t timeout_seconds, const std::string& what) {
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TIMEOUT, static_cast<long>(timeout_seconds));
    set(CURLOPT_ERRORBUFFER, words_);
    set(CURLOPT_USERAGENT, "souschef");
    set(CURLOPT_WRITEFUNCTION, &Transfer::take);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &Transfer::watch);
    set(CURLOPT_XFERINFODATA, static_cast<void*>(this));
    if (form_ != nullptr) set(CURLOPT_MIMEPOST, form_);
    const CURLcode code = first_fault_ != CURLE_OK ? first_fault_ : curl_.easy_perform(handle_);
    if (code == CURLE_OK) return {};
    const ErrorCode kind = code == CURLE_ABORTED_BY_CALLBACK  ? ErrorCode::cancelled
                           : code == CURLE_OPERATION_TIMEDOUT ? ErrorCode::timed_out
                           : code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT
                               ? ErrorCode::bad_input
                               : ErrorCode::failed;
    return Error(kind, what, words_[0] != '\0' ? words_ : curl_.easy_strerror(code));
  }
  [[nodiscard]] int status() const {
    long status = 0;
    curl_.easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
    return static_cast<int>(status);
  }
  [[nodiscard]] std::string& answer() { return answer_; }

 private:
  Transfer(CallContext& call, const Library& curl, CURL* handle)
      : call_(call), curl_(curl), handle_(handle) {}

  curl_mimepart* new_part(const char* name) {
    if (form_ == nullptr) form_ = curl_.mime_init(handle_);
    curl_mimepart* const part = curl_.mime_addpart(form_);
    curl_.mime_name(part, name);
    return part;
  }
  static std::size_t take(char* data, std::size_t size, std::size_t count, void* self) {
    std::string& answer = static_cast<Transfer*>(self)->answer_;
    answer.append(data, std::min(size * count, kKeptAnswer - std::min(kKeptAnswer, answer.size())));
    return size * count;
  }
  static int watch(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Transfer*>(self)->call_.cancelled() ? 1 : 0;
  }

  CallContext& call_;
  const Library& curl_;
  CURL* handle_;
  curl_mime* form_ = nullptr;
  std::vector<curl_slist*> lists_;
  CURLcode first_fault_ = CURLE_OK;
  char words_[CURL_ERROR_SIZE] = {};
  std::string answer_;
};

// An address as messages may show it: Slack's and Discord's hold the secret in their path.
std::string shown(const std::string& address) {
  const std::size_t scheme = address.find("://");
  if (scheme == std::string::npos) return "the address";
  std::string host = address.substr(0, address.find_first_of("/?#", scheme + 3));
  if (const std::size_t user = host.find('@'); user != std::string::npos)
    host.erase(scheme + 3, user - scheme - 2);
  return host;
}

// By us and not by CURLOPT_PROTOCOLS: libcurl 7.85 gave that another name, and older ones know only this one.
// Redirects, the other way to another scheme, are not followed.
Status check_scheme(const std::string& address, const std::string& open, const std::string& secure) {
  if (address.starts_with(open + "://") || address.starts_with(secure + "://")) return {};
  return Error(ErrorCode::bad_input, "the address has to begin with " + secure + ":// or " + open + "://");
}

struct Text {
  const std::string& text;
  std::size_t sent = 0;

  static std::size_t give(char* to, std::size_t size, std::size_t count, void* self) {
    auto& text = *static_cast<Text*>(self);
    const std::size_t piece = std::min(size * count, text.text.size() - text.sent);
    std::memcpy(to, text.text.data() + text.sent, piece);
    text.sent += piece;
    return piece;
  }
};

}  // namespace

Result<HttpAnswer> post(CallContext& call, const HttpPost& post) {
  SOUSCHEF_CHECK(check_scheme(post.address, "http", "https"));
  SOUSCHEF_TRY(const auto transfer, Transfer::make(call));
  transfer->set(CURLOPT_URL, post.address.c_str());
  transfer->set(CURLOPT_FOLLOWLOCATION, 0L);
  std::vector<std::string> headers = post.headers;
  if (post.file.empty()) {
    headers.push_back("Content-Type: " + post.content_type);
    headers.emplace_back("Expect:");  // no round trip before a body this small
    transfer->set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(post.body.size()));
    transfer->set(CURLOPT_POSTFIELDS, post.body.c_str());
  } else {
    transfer->add_part("payload_json", post.body, "application/json");
    transfer->add_file("files[0]", post.file);
  }
  transfer->set_list(CURLOPT_HTTPHEADER, headers);
  SOUSCHEF_CHECK(transfer->run(post.timeout_seconds, "cannot reach " + shown(post.address)));
  return HttpAnswer{transfer->status(), std::move(transfer->answer())};
}

Status send(CallContext& call, const Mail& mail) {
  SOUSCHEF_CHECK(check_scheme(mail.server, "smtp", "smtps"));
  SOUSCHEF_TRY(const auto transfer, Transfer::make(call));
  transfer->set(CURLOPT_URL, mail.server.c_str());
  // Without a password TLS where the server offers it; with one never without.
  transfer->set(CURLOPT_USE_SSL, static_cast<long>(mail.user.empty() ? CURLUSESSL_TRY : CURLUSESSL_ALL));
  if (!mail.user.empty()) {
    transfer->set(CURLOPT_USERNAME, mail.user.c_str());
    transfer->set(CURLOPT_PASSWORD, mail.password.c_str());
  }
  const std::string from = "<" + mail.from + ">";
  transfer->set(CURLOPT_MAIL_FROM, from.c_str());
  std::vector<std::string> to;
  for (const std::string& each : mail.to) to.push_back("<" + each + ">");
  transfer->set_list(CURLOPT_MAIL_RCPT, to);
  Text text{mail.text};
  transfer->set(CURLOPT_READFUNCTION, &Text::give);
  transfer->set(CURLOPT_READDATA, static_cast<void*>(&text));
  transfer->set(CURLOPT_UPLOAD, 1L);
  return transfer->run(mail.timeout_seconds, "cannot send e-mail through " + shown(mail.server));
}

}  // namespace souschef::notify

#else

namespace souschef::notify {
namespace {

Error without() {
  return Error(ErrorCode::unsupported, "this program was built without libcurl",
               "webhooks and e-mail are sent with it")
      .next_step("build it with libcurl's headers, or use desktop or command");
}

}  // namespace

Result<HttpAnswer> post(CallContext&, const HttpPost&) {
  return without();
}

Status send(CallContext&, const Mail&) {
  return without();
}

}  // namespace souschef::notify

#endif
