// SPDX-License-Identifier: MIT
#include "plugins/notify/mail.hpp"

#include <gtest/gtest.h>

namespace souschef::notify {
namespace {

Letter letter() {
  return {"farm@example.org",
          {"a@example.org", "b@example.org"},
          "Order done: fisk",
          "01JC0",
          "render1",
          0,
          "fisk is done\n",
          "",
          ""};
}

TEST(LetterText, HasItsHeadersAndItsBody) {
  EXPECT_EQ(letter_text(letter()),
            "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\nFrom: Sous Chef <farm@example.org>\r\n"
            "To: a@example.org,\r\n b@example.org\r\nSubject: Order done: fisk\r\n"
            "Message-ID: <01JC0@render1>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            "ZmlzayBpcyBkb25lCg==\r\n");
}

// An order may be called what it likes: it begins no header of its own.
TEST(LetterText, LineEndsInASubjectAreBlanks) {
  Letter hostile = letter();
  hostile.subject = "x\r\nBcc: everyone@example.org\n";
  EXPECT_NE(letter_text(hostile).find("\r\nSubject: x  Bcc: everyone@example.org \r\n"), std::string::npos);
}

TEST(LetterText, SubjectOfOtherAlphabetsIsEncodedInWholeCharacters) {
  Letter other = letter();
  for (int i = 0; i < 30; ++i) other.subject += "\xe6\xbc\xa2";
  const std::string text = letter_text(other);
  const std::size_t start = text.find("Subject: ") + 9;
  const std::string header = text.substr(start, text.find("\r\nMessage-ID") - start);
  EXPECT_EQ(
      header.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=?- \r\n"),
      std::string::npos);
  // 42 bytes a word: "Order done: fisk" and 8 characters; 14 characters; the rest.
  EXPECT_EQ(std::count(header.begin(), header.end(), '\n'), 2);
}

TEST(LetterText, PictureIsAnAttachment) {
  Letter pictured = letter();
  pictured.picture = std::string("\xff\xd8\x00\x01", 4);
  pictured.picture_name = "thumbnail.jpg";
  const std::string text = letter_text(pictured);
  EXPECT_NE(text.find("boundary=\"souschef-01JC0\""), std::string::npos);
  EXPECT_NE(text.find("Content-Type: image/jpeg; name=\"thumbnail.jpg\""), std::string::npos);
  EXPECT_NE(text.find("/9gAAQ==\r\n--souschef-01JC0--\r\n"), std::string::npos);
}

TEST(Base64, KnownTexts) {
  for (const auto& [plain, coded] : {std::pair("", ""), std::pair("f", "Zg=="), std::pair("fo", "Zm8="),
                                     std::pair("foo", "Zm9v"), std::pair("foobar", "Zm9vYmFy")})
    EXPECT_EQ(base64(plain), coded);
}

TEST(IsAddress, WhatCouldAddAHeaderIsNone) {
  EXPECT_TRUE(is_address("a@example.org"));
  for (const char* text : {"", "a", "@b", "a@", "a@b@c", "a@b>", "a@b\r\nx", "a b@c", "<a@b"})
    EXPECT_FALSE(is_address(text)) << text;
}

}  // namespace
}  // namespace souschef::notify
