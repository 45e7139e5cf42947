// SPDX-License-Identifier: MIT
#include "plugins/notify/mail.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace souschef::notify {
namespace {

constexpr std::size_t kLine = 76;
constexpr std::size_t kWordBytes = 42;  // of a header, in base64 with its frame below 75 characters

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

// Control characters, line ends above all, become blanks.
std::string one_line(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; },
      ' ');
  return line;
}

// RFC 2047: encoded words, each of whole characters, folded.
std::string header_text(std::string_view text) {
  const std::string line = one_line(text);
  if (is_plain(line) && line.size() < kLine - 10) return line;
  std::string encoded;
  for (std::string_view rest = line; !rest.empty();) {
    std::size_t count = std::min(kWordBytes, rest.size());
    while (count < rest.size() && count > 1 && (static_cast<unsigned char>(rest[count]) & 0xC0U) == 0x80U)
      --count;
    encoded += (encoded.empty() ? "" : "\r\n ") + ("=?utf-8?B?" + base64(rest.substr(0, count)) + "?=");
    rest.remove_prefix(count);
  }
  return encoded;
}

std::string folded(const std::string& base64_text) {
  std::string lines;
  for (std::size_t at = 0; at < base64_text.size(); at += kLine)
    lines += base64_text.substr(at, kLine) + "\r\n";
  return lines;
}

// RFC 5322 wants English names, whatever the locale.
std::string date_text(std::int64_t seconds) {
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[64];
  std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d +0000",
                kDays[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                kMonths[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900, parts.tm_hour,
                parts.tm_min, parts.tm_sec);
  return text;
}

// What may stand in a Message-ID.
std::string id_part(std::string_view text) {
  std::string part;
  for (const char c : text)
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.')
      part += c;
  return part.empty() ? "souschef" : part;
}

std::string picture_type(const std::string& name) {
  return name.ends_with(".png") ? "image/png" : name.ends_with(".gif") ? "image/gif" : "image/jpeg";
}

}  // namespace

std::string base64(std::string_view bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < 3; ++i)
      word = word << 8 | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      text += at + i > bytes.size() ? '=' : kDigits[(word >> (18 - 6 * i)) & 63U];
  }
  return text;
}

bool is_address(std::string_view text) {
  return is_plain(text) && std::count(text.begin(), text.end(), '@') == 1 && text.front() != '@' &&
         text.back() != '@' && text.find_first_of("<> ,;:\"\\") == std::string_view::npos;
}

std::string letter_text(const Letter& letter) {
  const std::string boundary = "souschef-" + id_part(letter.id);  // base64 holds no '-'
  std::string to;
  for (const std::string& each : letter.to) to += (to.empty() ? "" : ",\r\n ") + one_line(each);
  std::string text = "Date: " + date_text(letter.seconds_since_1970) + "\r\nFrom: Sous Chef <" +
                     one_line(letter.from) + ">\r\nTo: " + to +
                     "\r\nSubject: " + header_text(letter.subject) + "\r\nMessage-ID: <" +
                     id_part(letter.id) + "@" + id_part(letter.host) +
                     ">\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n";
  const std::string body =
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
      folded(base64(letter.body));
  if (letter.picture.empty()) return text + body;
  const std::string name = id_part(letter.picture_name);
  text += "Content-Type: multipart/mixed; boundary=\"" + boundary + "\"\r\n\r\n--" + boundary + "\r\n" +
          body + "--" + boundary + "\r\nContent-Type: " + picture_type(name) + "; name=\"" + name +
          "\"\r\nContent-Disposition: inline; filename=\"" + name +
          "\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + folded(base64(letter.picture)) + "--" +
          boundary + "--\r\n";
  return text;
}

}  // namespace souschef::notify
