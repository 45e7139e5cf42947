// SPDX-License-Identifier: MIT
#include "store/hasher.hpp"
#include "tests/store/store_fixture.hpp"
#include "tests/store/toy_filter.hpp"

namespace souschef::store {
namespace {

using test::random_words;

class FilteredIngest : public StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    filters_ = toy_.set();
    store_ = open_with(false);
  }
  std::unique_ptr<Store> open_with(bool exact_wrappers) {
    OpenOptions options;
    options.filters = &filters_;
    options.exact_wrappers = exact_wrappers;
    options.rehash = true;
    return open(options);
  }
  std::string content(const std::string& word, std::size_t size = 3'000'000) {
    return "TOY " + word + " " + random_words(size, 1);
  }
  Result<std::string> restored(const StoredFile& file, Form form, bool* exact = nullptr) {
    const auto target = folder_ / "restored";
    std::filesystem::remove(target);
    const PlaceRequest request{file.content, file.blob, target, false};
    const auto placed = store_->restore(std::span(&request, 1), form);
    if (!placed) return placed.error();
    if (exact != nullptr) *exact = (*placed)[0].exact;
    return test::read_file(target);
  }

  Toy toy_;
  FilterSet filters_;
};

TEST_F(FilteredIngest, AProvenStreamIsUsed) {
  const std::string text = content("fine");
  const auto files = put({write("a", text)});
  const auto info = *store_->describe(files[0].content);
  EXPECT_EQ(info.filter, "toy");
  EXPECT_EQ(info.filter_version, 2U);
  EXPECT_EQ(info.chunks, (text.size() + 999) / 1000);
  EXPECT_TRUE(*read(files[0].content) == text);
}

TEST_F(FilteredIngest, WhatCannotBeProvenIsStoredPlain) {
  for (const char* word : {"lies", "short", "long", "declines", "fails", "uncut", "closed"}) {
    const std::string text = content(word);
    const auto files = put({write("a", text)});
    EXPECT_EQ(files[0].content.hash, hash_of(text)) << word;
    EXPECT_EQ(store_->describe(files[0].content)->filter, "") << word;
    EXPECT_TRUE(*read(files[0].content) == text) << word;
  }
}

TEST_F(FilteredIngest, AShortFilteredFileComesBack) {
  const auto files = put({write("a", "TOY fine")});
  EXPECT_EQ(store_->describe(files[0].content)->filter, "toy");
  EXPECT_EQ(*read(files[0].content), "TOY fine");
}

TEST_F(FilteredIngest, ContentThatIsKnownIsNotEncodedAgain) {
  const std::string text = content("fine");
  put({write("a", text)});
  put({write("b", text)});
  EXPECT_EQ(toy_.counts.encoded, 1);
}

TEST_F(FilteredIngest, AWrapperIsTakenOffAndMadeAgain) {
  const std::string inner = content("fine");
  const std::string file = toy_wrapped('W', 'k', inner);
  const auto files = put({write("a", file)});
  EXPECT_EQ(files[0].content.hash, hash_of(inner));
  EXPECT_EQ(files[0].blob.hash, hash_of(file));
  EXPECT_EQ(files[0].content_size, inner.size());
  EXPECT_EQ(files[0].blob_size, file.size());
  EXPECT_TRUE(store_->describe(files[0].content)->exact_wrapper);
  bool exact = false;
  EXPECT_TRUE(*restored(files[0], Form::original, &exact) == file);
  EXPECT_TRUE(exact);
  EXPECT_TRUE(*restored(files[0], Form::content) == inner);
}

TEST_F(FilteredIngest, WrappedAndBareShareTheirContent) {
  const std::string inner = content("fine");
  put({write("bare", inner)});
  const std::uint64_t before = pack_bytes();
  const auto files = put({write("wrapped", toy_wrapped('W', 'k', inner))});
  EXPECT_LT(pack_bytes() - before, 2000U);
  EXPECT_EQ(toy_.counts.encoded, 1);
  EXPECT_TRUE(*restored(files[0], Form::original) == toy_wrapped('W', 'k', inner));
}

TEST_F(FilteredIngest, OneContentMayHaveManyWrappers) {
  const std::string inner = content("fine");
  const auto files = put({write("a", toy_wrapped('W', 'a', inner))});
  const auto more = put({write("b", toy_wrapped('W', 'b', inner))});
  EXPECT_EQ(files[0].content, more[0].content);
  EXPECT_TRUE(*restored(files[0], Form::original) == toy_wrapped('W', 'a', inner));
  EXPECT_TRUE(*restored(more[0], Form::original) == toy_wrapped('W', 'b', inner));
}

TEST_F(FilteredIngest, AWrapperNobodyDescribesComesBackFresh) {
  for (const char letter : {'X', 'Z'}) {
    const std::string inner = content("fine", letter == 'X' ? 100'000 : 200'000);
    const auto files = put({write("a", toy_wrapped(letter, 'k', inner))});
    EXPECT_FALSE(store_->describe(files[0].content)->exact_wrapper);
    bool exact = true;
    EXPECT_TRUE(*restored(files[0], Form::original, &exact) == toy_wrapped('X', '\x07', inner));
    EXPECT_FALSE(exact);
    EXPECT_TRUE(*restored(files[0], Form::content) == inner);
  }
}

TEST_F(FilteredIngest, ExactWrappersKeepsTheFileItself) {
  store_ = open_with(true);
  const std::string file = toy_wrapped('X', 'k', content("fine"));
  const auto files = put({write("a", file)});
  bool exact = false;
  EXPECT_TRUE(*restored(files[0], Form::original, &exact) == file);
  EXPECT_TRUE(exact);
}

TEST_F(FilteredIngest, ExactWrappersCatchesUpOnWhatWasStoredWithout) {
  const std::string file = toy_wrapped('X', 'k', content("fine"));
  const auto path = write("a", file);
  put({path});
  OpenOptions options;
  options.filters = &filters_;
  options.exact_wrappers = true;  // and the stat cache may be believed
  store_ = open(options);
  const auto files = put({path});
  EXPECT_TRUE(*restored(files[0], Form::original) == file);
}

TEST_F(FilteredIngest, AnEncoderThatFailedIsNotAskedAgain) {
  const auto path = write("a", toy_wrapped('Z', 'k', content("fine")));
  put({path});
  const auto packs = pack_files();
  put({path});
  EXPECT_EQ(pack_files(), packs);
}

TEST_F(FilteredIngest, AnotherEncoderThatMakesTheSameIsAsGood) {
  const std::string file = toy_wrapped('W', 'k', content("fine"));
  const auto files = put({write("a", file)});
  toy_.wrapper.encoder_now = "toy 2";
  bool exact = false;
  EXPECT_TRUE(*restored(files[0], Form::original, &exact) == file);
  EXPECT_TRUE(exact);
}

TEST_F(FilteredIngest, WithoutItsEncoderTheContentIsDelivered) {
  const std::string inner = content("fine");
  const auto files = put({write("a", toy_wrapped('W', 'k', inner))});
  toy_.wrapper.encoder_now = "toy 2";
  toy_.wrapper.drift = 1;
  bool exact = true;
  EXPECT_TRUE(*restored(files[0], Form::original, &exact) == toy_wrapped('X', '\x08', inner) ||
              *restored(files[0], Form::original, &exact) == toy_wrapped('X', '\x07', inner));
  EXPECT_FALSE(exact);
}

TEST_F(FilteredIngest, AWrappedFileWhoseStreamCannotBeProvenIsExactAllTheSame) {
  const std::string inner = content("lies");
  const std::string file = toy_wrapped('W', 'k', inner);
  const auto files = put({write("a", file)});
  EXPECT_EQ(store_->describe(files[0].content)->filter, "");
  EXPECT_TRUE(*restored(files[0], Form::original) == file);
}

TEST_F(FilteredIngest, AnEditStoresOnlyWhatChanged) {
  std::string text = content("fine");
  put({write("a", text)});
  text[1'500'000] = static_cast<char>(text[1'500'000] ^ 1);
  auto session = *store_->begin_write("test");
  const std::vector<PutRequest> request = {{write("a", text), nullptr}};
  ASSERT_TRUE(session->put_files(request));
  ASSERT_TRUE(session->seal());
  EXPECT_EQ(session->statistics().new_content_bytes, 1000U);
}

TEST_F(FilteredIngest, WithoutTheFilterItsContentIsUnsupported) {
  const auto files = put({write("a", content("fine"))});
  const auto bare = open();
  EXPECT_EQ(read(*bare, files[0].content).error().code, ErrorCode::unsupported);
  EXPECT_NE(read(*bare, files[0].content).error().line().find("toy version 2"), std::string::npos);
}

TEST_F(FilteredIngest, ANewerFilterVersionIsUnsupported) {
  const auto files = put({write("a", content("fine"))});
  toy_.filter.version_now = 1;
  EXPECT_EQ(read(files[0].content).error().code, ErrorCode::unsupported);
}

TEST_F(FilteredIngest, OlderVersionsAreReadForEver) {
  toy_.filter.version_now = 1;
  const std::string text = content("fine");
  const auto files = put({write("a", text)});
  toy_.filter.version_now = 5;
  EXPECT_TRUE(*read(files[0].content) == text);
}

TEST_F(FilteredIngest, AnOpenedFileIsUsedAsItIs) {
  const std::string text = content("fine");
  const auto opened = *SourceFile::open(write("a", text));
  ASSERT_TRUE(opened->analysis(filters_, folder_.path()));
  auto session = *store_->begin_write("test");
  const std::vector<PutRequest> request = {{work("a"), opened.get()}};
  const auto files = session->put_files(request);
  ASSERT_TRUE(files);
  ASSERT_TRUE(session->seal());
  EXPECT_TRUE(*read((*files)[0].content) == text);
}

TEST_F(FilteredIngest, AnOpenedFileThatMovedIsReadAnew) {
  const auto opened = *SourceFile::open(write("a", content("fine")));
  ASSERT_TRUE(opened->analysis(filters_, folder_.path()));
  const std::string text = content("fine", 50'000);
  write("a", text);
  auto session = *store_->begin_write("test");
  const std::vector<PutRequest> request = {{work("a"), opened.get()}};
  const auto files = session->put_files(request);
  ASSERT_TRUE(files) << files.error().line();
  EXPECT_EQ((*files)[0].content.hash, hash_of(text));
}

}  // namespace
}  // namespace souschef::store
