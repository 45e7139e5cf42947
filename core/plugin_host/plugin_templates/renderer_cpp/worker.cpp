// The program that renders: @NAME@_worker SCENE. Commands come on descriptor 3 (open WIDTH HEIGHT, frame FRAME
// ATTEMPT PATH, quit), answers go to descriptor 4, JSON, a line each. Without its commands it ends: nothing is
// rendered for a program that has gone.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace {

// Names are spelled with \xNN for bytes that are not plain text.
std::string unescaped(const std::string& text) {
  std::string name;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 3 >= text.size()) {
      name += text[i];
      continue;
    }
    name += static_cast<char>(std::stoi(text.substr(i + 2, 2), nullptr, 16));
    i += 3;
  }
  return name;
}

void add_little(std::string& bytes, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(value >> (8 * i));
}

// A BMP of one colour, 32 bits a pixel.
std::string picture(std::uint32_t width, std::uint32_t height, int frame) {
  std::string bytes = "BM";
  add_little(bytes, 54 + 4 * width * height);
  for (const std::uint32_t value : {0U, 54U, 40U, width, height, 1U | 32U << 16, 0U, 4 * width * height, 0U, 0U, 0U, 0U})
    add_little(bytes, value);
  std::string pixel{'\x80', static_cast<char>(frame * 3), static_cast<char>(frame * 7), '\xff'};
  for (std::uint32_t i = 0; i < width * height; ++i) bytes += pixel;
  return bytes;
}

bool render(const std::string& path, std::uint32_t width, std::uint32_t height, int frame) {
  std::error_code failed;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
  std::ofstream out(path, std::ios::binary);
  out << picture(width, height, frame);
  out.close();
  return static_cast<bool>(out);
}

}  // namespace

int main(int count, char** words) {
  if (count == 2 && std::strcmp(words[1], "--version") == 0) {
    std::cout << "@NAME@ 0.1.0\n";
    return 0;
  }
  std::FILE* const answers = ::fdopen(4, "w");
  std::FILE* const commands = ::fdopen(3, "r");
  if (answers == nullptr || commands == nullptr) return 1;
  const auto answer = [&](const std::string& line) {
    std::fprintf(answers, "%s\n", line.c_str());
    std::fflush(answers);
  };
  answer(R"({"event": "hello", "protocol": 1, "version": "0.1.0", "build": "", "numbers": [0, 1, 0]})");
  std::uint32_t width = 64, height = 36;
  std::vector<char> buffer(1U << 20);
  while (std::fgets(buffer.data(), static_cast<int>(buffer.size()), commands) != nullptr) {
    std::istringstream line(buffer.data());
    std::string what;
    line >> what;
    if (what == "quit") return 0;
    if (what == "open") {
      line >> width >> height;
      const std::string size = std::to_string(width) + ", " + std::to_string(height);
      answer(R"({"event": "opened", "facts": {"outputs": [{"id": 0, "kind": "render", "path": "//render/@NAME@_",)"
             R"( "format": "BMP"}], "size": [)" + size + R"(], "views": [], "movie": null, "scene": "Scene",)"
             R"( "engine": "@NAME@", "fps": 24, "fps_base": 1.0}})");
    }
    if (what == "frame") {
      int frame = 0, attempt = 0;
      std::string path;
      line >> frame >> attempt;
      std::getline(line >> std::ws, path);
      const std::string tag =
          R"("frame": )" + std::to_string(frame) + R"(, "attempt": )" + std::to_string(attempt) + "}";
      answer(render(unescaped(path), width, height, frame)
                 ? R"({"event": "rendered", "seconds": 0, )" + tag
                 : R"({"event": "failed", "message": "the picture could not be written", )" + tag);
    }
  }
  return 42;  // the program is gone
}
