/* SPDX-License-Identifier: MIT
 *
 * A renderer in plain C11, with nothing but souschef/plugin.h. It renders a gradient instead of the scene, so it is small, but
 * it takes the whole road: launch a worker, tell it what to do, read what it says, know which files a frame leaves behind.
 *
 * A renderer plugin is pure: it starts nothing and opens nothing (docs/format/plugin-protocol.md, "Renderers"). The worker is
 * a program of its own, gradient_worker.c. The lines between them are this plugin's own invention:
 *
 *   to the worker     open <width> <height>     frame <frame> <attempt> <file, spelled as in JSON>     quit
 *   from the worker   hello <version>     opened <width> <height>     rendered <frame> <attempt> <seconds>
 *                     failed <frame> <attempt> <message>
 */
#include <souschef/plugin.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kTextSize = 4096, kPointerSize = 128, kDefaultWidth = 320, kDefaultHeight = 180 };

typedef struct gradient {
  souschef_plugin plugin; /* first: a souschef_plugin* is a gradient* */
  const souschef_host *host;
  const souschef_host_json *json;
} gradient;

static char folder_of_plugin[kTextSize];

/* ---- writing an answer ---- */

typedef struct answer {
  const gradient *self;
  const souschef_byte_sink *out;
  int32_t stopped; /* non-zero once the host wants no more */
} answer;

static void put(answer *a, const char *text) {
  if (!a->stopped) a->stopped = a->out->write(a->out->context, text, strlen(text));
}

static void putf(answer *a, const char *format, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  put(a, text);
}

/* A JSON string with its quotes. */
static void put_text(answer *a, souschef_text text) {
  if (!a->stopped) a->stopped = a->self->json->quote(a->self->host, text, a->out) != SOUSCHEF_OK;
}

static souschef_text text_of(const char *text) {
  const souschef_text view = {text, strlen(text)};
  return view;
}

static souschef_status fail(souschef_error *error, souschef_status status, const char *what) {
  if (error != NULL) {
    error->status = status;
    snprintf(error->what, sizeof error->what, "%s", what);
    error->why[0] = error->next[0] = '\0';
  }
  return status;
}

/* ---- the calls ---- */

typedef struct request {
  const gradient *self;
  const souschef_json *json;
} request;

static souschef_text text_at(const request *r, const char *pointer) {
  return r->self->json->text(r->json, pointer, text_of(""));
}
static int64_t integer_at(const request *r, const char *pointer, int64_t otherwise) {
  return r->self->json->integer(r->json, pointer, otherwise);
}
static int is(souschef_text text, const char *word) {
  return text.size == strlen(word) && memcmp(text.data, word, text.size) == 0;
}

static void describe(answer *a) {
  put(a, "{\"name\":\"Gradient\",\"protocol\":1,\"endings\":[\".blend\"],\"version_arguments\":[\"--version\"],"
         "\"patterns\":\"\"}");
}

static void launch(answer *a) {
  char worker[kTextSize + 32];
  snprintf(worker, sizeof worker, "%s/gradient_worker", folder_of_plugin);
  put(a, "{\"command\":[");
  put_text(a, text_of(worker));
  put(a, "],\"pipes\":{\"commands\":3,\"answers\":4}}");
}

static void command(answer *a, const request *r) {
  const souschef_text what = text_at(r, "/do");
  char line[2 * kTextSize];
  if (is(what, "open")) {
    snprintf(line, sizeof line, "open %" PRId64 " %" PRId64,
             integer_at(r, "/settings/resolution/width", kDefaultWidth),
             integer_at(r, "/settings/resolution/height", kDefaultHeight));
  } else if (is(what, "frame")) {
    const souschef_text staging = text_at(r, "/staging");
    const souschef_text path = text_at(r, "/outputs/0/path");
    const int64_t frame = integer_at(r, "/frame", 0);
    snprintf(line, sizeof line, "frame %" PRId64 " %" PRId64 " %.*s/%.*s%04" PRId64 ".png", frame,
             integer_at(r, "/attempt", 1), (int)staging.size, staging.data, (int)path.size, path.data, frame);
  } else {
    snprintf(line, sizeof line, "quit");
  }
  put(a, "{\"line\":");
  put_text(a, text_of(line));
  put(a, "}");
}

static void put_facts(answer *a, int width, int height) {
  putf(a, "{\"event\":\"opened\",\"facts\":{\"size\":[%d,%d],", width, height);
  put(a, "\"outputs\":[{\"id\":0,\"kind\":\"render\",\"path\":\"//gradient_\",\"format\":\"PNG\",\"extension\":true,"
         "\"movie\":false,\"views_format\":\"INDIVIDUAL\"}],\"views\":[],\"movie\":null,\"scene\":\"Gradient\","
         "\"engine\":\"GRADIENT\",\"devices\":[\"CPU\"],\"camera\":\"\",\"frame_start\":1,\"frame_end\":250,"
         "\"frame_step\":1,\"fps\":24,\"fps_base\":1.0,\"file\":{\"overwrite\":true,\"placeholders\":false},"
         "\"scripts_blocked\":null}}");
}

/* One line of the worker as an event; nothing for a line that means nothing. */
static void decode_line(answer *a, const char *line, int *events) {
  char word[256] = "";
  int frame = 0, attempt = 0, width = 0, height = 0, message = 0;
  double seconds = 0;
  const char *comma = *events > 0 ? "," : "";
  if (sscanf(line, "hello %255s", word) == 1) {
    putf(a, "%s{\"event\":\"hello\",\"protocol\":1,\"build\":\"\",\"numbers\":[1,0,0],\"version\":", comma);
    put_text(a, text_of(word));
    put(a, "}");
  } else if (sscanf(line, "opened %d %d", &width, &height) == 2) {
    put(a, comma);
    put_facts(a, width, height);
  } else if (sscanf(line, "rendered %d %d %lf", &frame, &attempt, &seconds) == 3) {
    putf(a, "%s{\"event\":\"rendered\",\"frame\":%d,\"attempt\":%d,\"seconds\":%.3f}", comma, frame, attempt, seconds);
  } else if (sscanf(line, "failed %d %d %n", &frame, &attempt, &message) == 2 && message > 0) {
    putf(a, "%s{\"event\":\"failed\",\"frame\":%d,\"attempt\":%d,\"message\":", comma, frame, attempt);
    put_text(a, text_of(line + message));
    put(a, "}");
  } else if (sscanf(line, "gradient_worker %255s", word) == 1) {
    putf(a, "%s{\"event\":\"version\",\"build\":\"\",\"version\":", comma);
    put_text(a, text_of(word));
    put(a, "}");
  } else {
    return;
  }
  ++*events;
}

static void decode(answer *a, const request *r) {
  const size_t count = r->self->json->count(r->json, "/lines");
  int events = 0;
  put(a, "{\"events\":[");
  for (size_t i = 0; i < count; ++i) {
    char pointer[kPointerSize], line[kTextSize];
    snprintf(pointer, sizeof pointer, "/lines/%zu", i);
    const souschef_text text = text_at(r, pointer);
    snprintf(line, sizeof line, "%.*s", (int)text.size, text.data);
    decode_line(a, line, &events);
  }
  put(a, "]}");
}

/* Where the scene's pictures belong: the order's own folder if it names one, else beside the scene. */
static void root_of(const request *r, char *root, size_t size) {
  souschef_text folder = text_at(r, "/override");
  if (folder.size == 0) {
    folder = text_at(r, "/entry");
    while (folder.size > 0 && folder.data[folder.size - 1] != '/') --folder.size;
  }
  while (folder.size > 1 && folder.data[folder.size - 1] == '/') --folder.size;
  snprintf(root, size, "%.*s", (int)folder.size, folder.data);
}

static void outputs(answer *a, const request *r) {
  char root[kTextSize], path[kTextSize + 16];
  root_of(r, root, sizeof root);
  snprintf(path, sizeof path, "%s/gradient_", root);
  put(a, "{\"root\":");
  put_text(a, text_of(root));
  put(a, ",\"outputs\":[{\"id\":0,\"kind\":\"render\",\"node\":\"\",\"path\":\"gradient_\",\"written\":\"//gradient_\","
         "\"natural\":");
  put_text(a, text_of(path));
  put(a, ",\"destination\":");
  put_text(a, text_of(path));
  put(a, ",\"movie\":null}],\"frames\":[");
  const size_t count = r->self->json->count(r->json, "/frames");
  for (size_t i = 0; i < count; ++i) {
    char pointer[kPointerSize];
    snprintf(pointer, sizeof pointer, "/frames/%zu", i);
    const int64_t frame = integer_at(r, pointer, 0);
    putf(a, "%s{\"frame\":%" PRId64 ",\"files\":[{\"output\":0,\"slot\":\"\",\"path\":\"gradient_%04" PRId64 ".png\",",
         i > 0 ? "," : "", frame, frame);
    putf(a, "\"pattern\":false,\"required\":true,\"format\":\"PNG\",\"size\":[%" PRId64 ",%" PRId64 "]}]}",
         integer_at(r, "/size/0", kDefaultWidth), integer_at(r, "/size/1", kDefaultHeight));
  }
  put(a, "]}");
}

static souschef_status answer_call(const souschef_plugin *plugin, const souschef_call *call, souschef_text method,
                                   souschef_text text, const souschef_byte_sink *reply, souschef_error *error) {
  const gradient *self = (const gradient *)plugin;
  (void)call;
  souschef_json *document = self->json->parse(self->host, text);
  if (document == NULL) return fail(error, SOUSCHEF_BAD_INPUT, "the request is not JSON");
  const request r = {self, document};
  answer a = {self, reply, 0};
  souschef_status status = SOUSCHEF_OK;
  if (is(method, "renderer.describe")) {
    describe(&a);
  } else if (is(method, "renderer.launch")) {
    launch(&a);
  } else if (is(method, "renderer.command")) {
    command(&a, &r);
  } else if (is(method, "renderer.decode")) {
    decode(&a, &r);
  } else if (is(method, "renderer.outputs")) {
    outputs(&a, &r);
  } else {
    status = fail(error, SOUSCHEF_UNSUPPORTED, "unknown method");
  }
  self->json->close(self->host, document);
  return status == SOUSCHEF_OK && a.stopped ? SOUSCHEF_CANCELLED : status;
}

/* ---- the object, the factory, the entry ---- */

static const souschef_calls kCalls = {sizeof(souschef_calls), answer_call};
static const souschef_descriptor kDescriptor = {sizeof(souschef_descriptor), "gradient", "1.0.0", NULL};

static souschef_status start(const souschef_plugin *plugin, souschef_text settings, souschef_error *error) {
  (void)plugin, (void)settings, (void)error;
  return SOUSCHEF_OK;
}
static void stop(const souschef_plugin *plugin) { (void)plugin; }
static const void *extension(const souschef_plugin *plugin, const char *id) {
  (void)plugin;
  return strcmp(id, SOUSCHEF_CALLS) == 0 ? &kCalls : NULL;
}
static void destroy(const souschef_plugin *plugin) { free((void *)plugin); }

static uint32_t count(const souschef_factory *factory) {
  (void)factory;
  return 1;
}
static const souschef_descriptor *describe_plugin(const souschef_factory *factory, uint32_t index) {
  (void)factory;
  return index == 0 ? &kDescriptor : NULL;
}
static const souschef_plugin *create(const souschef_factory *factory, const souschef_host *host, const char *id) {
  (void)factory;
  const souschef_host_json *json = host->extension(host, SOUSCHEF_HOST_JSON);
  gradient *self = strcmp(id, kDescriptor.id) == 0 && json != NULL ? malloc(sizeof *self) : NULL;
  if (self == NULL) return NULL;
  const souschef_plugin plugin = {sizeof plugin, &kDescriptor, self, start, stop, extension, destroy};
  self->plugin = plugin;
  self->host = host;
  self->json = json;
  return &self->plugin;
}
static const souschef_factory kFactory = {sizeof(souschef_factory), count, describe_plugin, create};

static int32_t init(souschef_bytes folder) {
  if (folder.size >= sizeof folder_of_plugin) return 0;
  memcpy(folder_of_plugin, folder.data, folder.size);
  folder_of_plugin[folder.size] = '\0';
  return 1;
}
static void deinit(void) {}
static const souschef_factory *factory(void) { return &kFactory; }

SOUSCHEF_EXPORT const souschef_entry souschef_plugin_entry = {
    sizeof(souschef_entry), SOUSCHEF_ABI_MAJOR, SOUSCHEF_ABI_MINOR, init, deinit, factory};
