/* SPDX-License-Identifier: MIT
 *
 * Renders gradients: reads commands from descriptor 3, answers on 4 (gradient.c says how). A PNG is written without a library:
 * its picture data may be stored uncompressed (RFC 1951, blocks of type 0).
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { kCommands = 3, kAnswers = 4, kLine = 8192, kMaxSide = 16384, kBlock = 65535 };

/* ---- PNG ---- */

static uint32_t crc_of(uint32_t crc, const uint8_t *data, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    crc ^= data[i];
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320u : 0);
  }
  return crc;
}

static void put_number(uint8_t *to, uint32_t value) {
  for (int i = 0; i < 4; ++i) to[i] = (uint8_t)(value >> (24 - 8 * i));
}

static int write_chunk(FILE *file, const char *type, const uint8_t *data, uint32_t size) {
  uint8_t head[8], tail[4];
  put_number(head, size);
  memcpy(head + 4, type, 4);
  uint32_t crc = crc_of(0xFFFFFFFFu, head + 4, 4);
  if (size > 0) crc = crc_of(crc, data, size);
  put_number(tail, ~crc);
  return fwrite(head, 1, 8, file) == 8 && (size == 0 || fwrite(data, 1, size, file) == size) &&
         fwrite(tail, 1, 4, file) == 4;
}

/* zlib's format around `size` bytes that are stored as they are. */
static uint8_t *store(const uint8_t *data, size_t size, size_t *stored_size) {
  const size_t blocks = size / kBlock + 1;
  uint8_t *out = malloc(size + blocks * 5 + 6);
  if (out == NULL) return NULL;
  size_t at = 0;
  out[at++] = 0x78;
  out[at++] = 0x01;
  uint32_t a = 1, b = 0;
  for (size_t done = 0, block = 0; block < blocks; ++block) {
    const size_t length = size - done < kBlock ? size - done : kBlock;
    out[at++] = block + 1 == blocks;
    out[at++] = (uint8_t)length;
    out[at++] = (uint8_t)(length >> 8);
    out[at++] = (uint8_t)~length;
    out[at++] = (uint8_t)(~length >> 8);
    memcpy(out + at, data + done, length);
    for (size_t i = 0; i < length; ++i) {
      a = (a + data[done + i]) % 65521;
      b = (b + a) % 65521;
    }
    at += length;
    done += length;
  }
  put_number(out + at, (b << 16) | a);
  *stored_size = at + 4;
  return out;
}

static int write_png(const char *path, const uint8_t *rows, size_t rows_size, uint32_t width, uint32_t height) {
  static const uint8_t kSignature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  uint8_t header[13] = {0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0}; /* 8 bits, RGB */
  put_number(header, width);
  put_number(header + 4, height);
  size_t size = 0;
  uint8_t *data = store(rows, rows_size, &size);
  FILE *file = data == NULL ? NULL : fopen(path, "wb");
  int good = file != NULL && fwrite(kSignature, 1, 8, file) == 8 && write_chunk(file, "IHDR", header, 13) &&
             write_chunk(file, "IDAT", data, (uint32_t)size) && write_chunk(file, "IEND", NULL, 0);
  if (file != NULL) good = fclose(file) == 0 && good;
  free(data);
  return good;
}

static int render(const char *path, int frame, uint32_t width, uint32_t height) {
  const size_t row = (size_t)width * 3 + 1;
  uint8_t *rows = calloc(row, height);
  if (rows == NULL) return 0;
  for (uint32_t y = 0; y < height; ++y)
    for (uint32_t x = 0; x < width; ++x) {
      uint8_t *pixel = rows + y * row + 1 + (size_t)x * 3;
      pixel[0] = (uint8_t)(x * 255 / width);
      pixel[1] = (uint8_t)(y * 255 / height);
      pixel[2] = (uint8_t)(frame * 7);
    }
  const int good = write_png(path, rows, row * height, width, height);
  free(rows);
  return good;
}

/* ---- talk ---- */

/* "\xNN" back into the byte, in place. */
static void unescape(char *text) {
  char *to = text;
  for (const char *from = text; *from != '\0';) {
    unsigned value = 0;
    if (from[0] == '\\' && from[1] == 'x' && sscanf(from + 2, "%2x", &value) == 1) {
      *to++ = (char)value;
      from += 4;
    } else {
      *to++ = *from++;
    }
  }
  *to = '\0';
}

int main(int count, char **words) {
  if (count == 2 && strcmp(words[1], "--version") == 0) return puts("gradient_worker 1.0.0") < 0;
  FILE *commands = fdopen(kCommands, "r"), *answers = fdopen(kAnswers, "w");
  if (commands == NULL || answers == NULL) return 1;
  setvbuf(answers, NULL, _IOLBF, 0);
  fprintf(answers, "hello 1.0.0\n");
  unsigned width = 0, height = 0;
  char line[kLine];
  while (fgets(line, sizeof line, commands) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    int frame = 0, attempt = 0, path = 0;
    if (strcmp(line, "quit") == 0) return 0;
    if (sscanf(line, "open %u %u", &width, &height) == 2 && width - 1 < kMaxSide && height - 1 < kMaxSide) {
      fprintf(answers, "opened %u %u\n", width, height);
    } else if (sscanf(line, "frame %d %d %n", &frame, &attempt, &path) == 2 && path > 0) {
      const clock_t began = clock();
      unescape(line + path);
      if (width > 0 && render(line + path, frame, width, height))
        fprintf(answers, "rendered %d %d %.3f\n", frame, attempt, (double)(clock() - began) / CLOCKS_PER_SEC);
      else
        fprintf(answers, "failed %d %d cannot write the picture\n", frame, attempt);
    }
  }
  return 42; /* whoever started us is gone */
}
