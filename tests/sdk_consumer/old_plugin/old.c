/* SPDX-License-Identifier: MIT
 * A stage and tracer of ABI 1.0. Its structs are shorter than today's: what lies behind them must not be read.
 */
#include <souschef/plugin.h>

#include <stdlib.h>
#include <string.h>

#if SOUSCHEF_ABI_MINOR != 0
#error "this plugin is for the header of 1.0"
#endif

typedef struct old {
  souschef_plugin plugin;
  const souschef_host *host;
} old;

struct souschef_analysis {
  uint64_t size;
};

static int32_t accepts(const souschef_plugin *plugin, souschef_bytes head) {
  (void)plugin;
  return head.size >= 3 && memcmp(head.data, "OLD", 3) == 0;
}
static souschef_status open_file(const souschef_plugin *plugin, const souschef_file *file, souschef_bytes folder,
                                 souschef_analysis **analysis, souschef_error *error) {
  (void)plugin, (void)folder, (void)error;
  *analysis = malloc(sizeof **analysis);
  if (*analysis == NULL) return SOUSCHEF_FAILED;
  (*analysis)->size = file->size;
  return SOUSCHEF_OK;
}
static void close_file(const souschef_plugin *plugin, souschef_analysis *analysis) {
  (void)plugin;
  free(analysis);
}
static uint64_t content_size(const souschef_plugin *plugin, souschef_analysis *analysis) {
  (void)plugin;
  return analysis->size;
}
static souschef_bytes content(const souschef_plugin *plugin, souschef_analysis *analysis, uint64_t offset, size_t size) {
  const souschef_bytes none = {NULL, 0};
  (void)plugin, (void)analysis, (void)offset, (void)size;
  return none;
}
static const souschef_analyser kAnalyser = {sizeof(souschef_analyser), accepts, open_file,
                                            close_file,                content_size, content};

static souschef_text text_of(const char *text) {
  const souschef_text view = {text, strlen(text)};
  return view;
}

static souschef_status trace(const souschef_plugin *plugin, souschef_analysis *analysis,
                             const souschef_trace_sink *sink, souschef_error *error) {
  (void)plugin, (void)analysis, (void)error;
  /* What follows the struct, its padding included, is not zero. */
  struct {
    souschef_simulation simulation;
    unsigned char beyond[64];
  } memory;
  memset(&memory, 0x01, sizeof memory);
  souschef_simulation *simulation = &memory.simulation;
  simulation->struct_size = sizeof *simulation;
  simulation->datablock = SOUSCHEF_NONE;
  simulation->kind = text_of("cloth");
  simulation->name = text_of("Cloth");
  simulation->baked = 1;
  simulation->first_frame = 1;
  simulation->last_frame = 250;
  return sink->simulation(sink->context, simulation) == 0 ? SOUSCHEF_OK : SOUSCHEF_CANCELLED;
}
static const souschef_tracer kTracer = {sizeof(souschef_tracer), 1, trace, NULL};

static souschef_status call(const souschef_plugin *plugin, const souschef_call *running, souschef_text method,
                            souschef_text request, const souschef_byte_sink *reply, souschef_error *error) {
  const old *self = (const old *)plugin;
  const souschef_host_json *json = self->host->extension(self->host, SOUSCHEF_HOST_JSON);
  (void)running, (void)method, (void)error;
  souschef_json *document = json->parse(self->host, request);
  const int64_t x = json->integer(document, "/x", -1);
  json->close(self->host, document);
  const char *answer = x == 7 ? "{\"x\":7}" : "{}";
  return reply->write(reply->context, answer, strlen(answer)) == 0 ? SOUSCHEF_OK : SOUSCHEF_CANCELLED;
}
static const souschef_calls kCalls = {sizeof(souschef_calls), call};

static const souschef_descriptor kDescriptor = {sizeof(souschef_descriptor), "old", "1.0.0", NULL};

static souschef_status start(const souschef_plugin *plugin, souschef_text settings, souschef_error *error) {
  (void)plugin, (void)settings, (void)error;
  return SOUSCHEF_OK;
}
static void stop(const souschef_plugin *plugin) { (void)plugin; }
static const void *extension(const souschef_plugin *plugin, const char *id) {
  (void)plugin;
  if (strcmp(id, SOUSCHEF_CALLS) == 0) return &kCalls;
  if (strcmp(id, SOUSCHEF_ANALYSER) == 0) return &kAnalyser;
  if (strcmp(id, SOUSCHEF_TRACER) == 0) return &kTracer;
  return NULL;
}
static void destroy(const souschef_plugin *plugin) { free((void *)plugin); }

static uint32_t count(const souschef_factory *factory) {
  (void)factory;
  return 1;
}
static const souschef_descriptor *describe(const souschef_factory *factory, uint32_t index) {
  (void)factory, (void)index;
  return &kDescriptor;
}
static const souschef_plugin *create(const souschef_factory *factory, const souschef_host *host, const char *id) {
  (void)factory, (void)id;
  old *self = malloc(sizeof *self);
  if (self == NULL) return NULL;
  const souschef_plugin plugin = {sizeof plugin, &kDescriptor, self, start, stop, extension, destroy};
  self->plugin = plugin;
  self->host = host;
  return &self->plugin;
}
static const souschef_factory kFactory = {sizeof(souschef_factory), count, describe, create};
static int32_t init(souschef_bytes folder) {
  (void)folder;
  return 1;
}
static void deinit(void) {}
static const souschef_factory *factory(void) { return &kFactory; }

SOUSCHEF_EXPORT const souschef_entry souschef_plugin_entry = {
    sizeof(souschef_entry), SOUSCHEF_ABI_MAJOR, SOUSCHEF_ABI_MINOR, init, deinit, factory};
