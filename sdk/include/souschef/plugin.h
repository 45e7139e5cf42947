/* SPDX-License-Identifier: MIT
 *
 * The border between Sous Chef and a plugin, in C11. Everything that crosses it is declared here.
 *
 * A plugin is a folder with a plugin.json (docs/plugin-guide.md) and either an executable that speaks JSON lines
 * (docs/format/plugin-protocol.md) or a shared library that exports exactly one symbol, `souschef_plugin_entry`.
 * Both transports carry the same calls. The plugins that are built into the program use this header and nothing
 * else of the program.
 *
 * Rules that hold everywhere
 *
 *   Order of calls   entry.init, then factory, then create / start / ... / stop / destroy for each plugin object,
 *                    then entry.deinit. Nothing is called before init or after deinit.
 *   Threads          Functions marked [main] are called one at a time, and never while another call for the same
 *                    plugin object is under way; not necessarily always on the same thread. Functions marked [any] may
 *                    be called on any thread and at the same time for different objects, but never at the same time
 *                    for one object (one analysis, one decoder, one call). Host functions are [any].
 *   Ownership        What a caller passes in stays the caller's and is valid until the call returns, unless the
 *                    comment says otherwise. What a plugin hands out is the plugin's and stays valid as stated.
 *                    Nobody frees what the other side has allocated.
 *   Errors           A function that can fail returns SOUSCHEF_OK or a souschef_status and fills *error, which the
 *                    caller has allocated. `error` may be NULL. No exception and no longjmp crosses the border.
 *   Structs          Every struct begins with struct_size, set by whoever fills it to sizeof of the struct as it was
 *                    compiled. A reader looks at a member only if struct_size says that it is there. Members are
 *                    only ever added at the end, and behind the padding that the older struct ended with: that
 *                    padding is inside its sizeof.
 *   Text             UTF-8, not NUL-terminated, length given. File names are bytes (souschef_bytes); where a file
 *                    name stands in JSON it is spelled as souschef/file_name.hpp says: \xNN for bytes that are
 *                    not UTF-8.
 *   JSON             Cold calls (renderer, stage, event) pass one JSON object in and one out, the same as on the
 *                    wire of an executable. The host offers a small JSON reader (souschef_host_json), so a plugin
 *                    in plain C needs no library.
 *   Extensions       What a plugin can do, and what a host offers beyond this, are structs of function pointers
 *                    fetched by id. An id ends in its version; a changed meaning is a new id.
 */
#ifndef SOUSCHEF_PLUGIN_H
#define SOUSCHEF_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The ABI that this header describes. A host loads plugins of the same major and of any minor up to its own;
 * it refuses the others with both numbers.
 *
 *   1.1   souschef_host_json: type, key, write, quote. souschef_simulation: cache. souschef_host_process.
 */
#define SOUSCHEF_ABI_MAJOR 1u
#define SOUSCHEF_ABI_MINOR 1u

#if defined(_WIN32)
#define SOUSCHEF_EXPORT __declspec(dllexport)
#else
#define SOUSCHEF_EXPORT __attribute__((visibility("default")))
#endif

/* ------------------------------------------------------------------------------------------ values */

/* The same numbers as souschef::ErrorCode; SOUSCHEF_DECLINED is not an error: "not for me, go on without". */
typedef int32_t souschef_status;
enum {
  SOUSCHEF_OK = 0,
  SOUSCHEF_FAILED = 1,
  SOUSCHEF_NOT_FOUND = 3,
  SOUSCHEF_BAD_INPUT = 5,
  SOUSCHEF_UNSUPPORTED = 7,
  SOUSCHEF_NO_SPACE = 9,
  SOUSCHEF_DENIED = 10,
  SOUSCHEF_IO = 11,
  SOUSCHEF_CHANGED = 12,
  SOUSCHEF_PLUGIN = 13,
  SOUSCHEF_CHILD_FAILED = 14,
  SOUSCHEF_TIMED_OUT = 15,
  SOUSCHEF_CANCELLED = 16,
  SOUSCHEF_DECLINED = 100
};

typedef struct souschef_text {
  const char *data;
  size_t size;
} souschef_text;

typedef struct souschef_bytes {
  const uint8_t *data;
  size_t size;
} souschef_bytes;

/* What happened, why, what to do next; NUL-terminated, cut where too long. `why` may hold several causes, one a
 * line. */
typedef struct souschef_error {
  uint32_t struct_size;
  souschef_status status;
  char what[512];
  char why[1024];
  char next[512];
} souschef_error;

/* Where the callee puts bytes. A result other than 0 means "stop": return SOUSCHEF_CANCELLED. */
typedef struct souschef_byte_sink {
  uint32_t struct_size;
  void *context;
  int32_t (*write)(void *context, const void *data, size_t size);
} souschef_byte_sink;

/* A file that the host holds open for the time of a call or an analysis. `map` is the whole file in memory where
 * the host could map it, else NULL: then read_at, which may be called on any thread, returns the bytes read
 * (fewer only at the end of the file) or -1. A file that is cut short while it is mapped reads as zeros; the host
 * notices and discards the result. */
typedef struct souschef_file {
  uint32_t struct_size;
  void *context;
  souschef_bytes name; /* for messages; not for opening */
  uint64_t size;
  const uint8_t *map;
  int64_t (*read_at)(void *context, uint64_t offset, void *buffer, size_t size);
} souschef_file;

/* --------------------------------------------------------------------------------------------- host */

typedef struct souschef_host {
  uint32_t struct_size;
  uint32_t abi_major, abi_minor;
  const char *name;    /* "souschef" */
  const char *version; /* of the program */
  void *context;
  /* [any] A host extension by id, or NULL. Valid until deinit. */
  const void *(*extension)(const struct souschef_host *host, const char *id);
  /* [any] A line for the developer's log. level: 0 debug, 1 info, 2 warning, 3 error. */
  void (*log)(const struct souschef_host *host, int32_t level, souschef_text message);
} souschef_host;

/* Reads JSON for plugins that have no library for it. Paths are JSON pointers (RFC 6901): "/frames/0/output".
 * A document is valid until close. */
#define SOUSCHEF_HOST_JSON "souschef.host.json/1"
typedef struct souschef_json souschef_json;
enum souschef_json_type {
  SOUSCHEF_JSON_NOTHING = 0, /* nothing at this pointer */
  SOUSCHEF_JSON_NULL = 1,
  SOUSCHEF_JSON_BOOLEAN = 2,
  SOUSCHEF_JSON_INTEGER = 3,
  SOUSCHEF_JSON_NUMBER = 4, /* with a fraction or an exponent */
  SOUSCHEF_JSON_TEXT = 5,
  SOUSCHEF_JSON_ARRAY = 6,
  SOUSCHEF_JSON_OBJECT = 7
};
typedef struct souschef_host_json {
  uint32_t struct_size;
  /* [any] NULL if the text is not JSON. */
  souschef_json *(*parse)(const souschef_host *host, souschef_text text);
  void (*close)(const souschef_host *host, souschef_json *document);
  /* Each returns `otherwise` where there is nothing at `pointer` or it has another type. */
  souschef_text (*text)(const souschef_json *document, const char *pointer, souschef_text otherwise);
  int64_t (*integer)(const souschef_json *document, const char *pointer, int64_t otherwise);
  double (*number)(const souschef_json *document, const char *pointer, double otherwise);
  int32_t (*boolean)(const souschef_json *document, const char *pointer, int32_t otherwise);
  /* Members of an object or elements of an array; 0 for anything else. */
  size_t (*count)(const souschef_json *document, const char *pointer);
  /* A souschef_json_type. */
  int32_t (*type)(const souschef_json *document, const char *pointer);
  /* The name of the index-th member of the object at `pointer`, in the order of their bytes; `otherwise` where there
   * is none. A name is not yet a pointer: '~' in it is written ~0 and '/' ~1. */
  souschef_text (*key)(const souschef_json *document, const char *pointer, size_t index, souschef_text otherwise);
  /* Writes what is at `pointer` as JSON. SOUSCHEF_NOT_FOUND where there is nothing. */
  souschef_status (*write)(const souschef_json *document, const char *pointer, const souschef_byte_sink *out);
  /* [any] Writes `text` as a JSON string, quotes included; bytes that are not UTF-8 become U+FFFD. */
  souschef_status (*quote)(const souschef_host *host, souschef_text text, const souschef_byte_sink *out);
} souschef_host_json;

/* Runs many small tasks on the host's worker threads; the calling thread helps. Returns when all have run. */
#define SOUSCHEF_HOST_PARALLEL "souschef.host.parallel/1"
typedef struct souschef_host_parallel {
  uint32_t struct_size;
  void (*run)(const souschef_host *host, size_t count, void (*task)(void *context, size_t index), void *context);
} souschef_host_parallel;

/* Runs other programs. They never outlive the call, nor the host: whatever they started is ended with them. */
#define SOUSCHEF_HOST_PROCESS "souschef.host.process/1"
typedef struct souschef_program {
  uint32_t struct_size;
  const souschef_bytes *words; /* the first: a path, or a name that is looked up in PATH */
  size_t word_count;
  souschef_bytes folder;            /* where it works; empty: where the host does */
  const souschef_bytes *variables;  /* "NAME=value", on top of the host's environment */
  size_t variable_count;
  souschef_bytes input;             /* its standard input; then that is closed */
  uint64_t time_limit_ms;           /* 0: none */
  uint64_t silence_limit_ms;        /* without a byte of output; 0: none */
  void *context;
  /* What it prints, in pieces as they come; NULL: thrown away. */
  void (*output)(void *context, const void *data, size_t size);
  void (*errors)(void *context, const void *data, size_t size);
  /* Asked several times a second; non-zero: the program is ended. May be NULL. */
  int32_t (*cancelled)(void *context);
  /* Set by run(). */
  int32_t exit_code; /* -1: ended by a signal */
  int32_t signal;
} souschef_program;

typedef struct souschef_host_process {
  uint32_t struct_size;
  /* [any] Returns when the program has ended. SOUSCHEF_OK whatever its exit code; SOUSCHEF_NOT_FOUND,
   * SOUSCHEF_DENIED, SOUSCHEF_IO: it was not started; SOUSCHEF_TIMED_OUT, SOUSCHEF_CANCELLED: it was ended. */
  souschef_status (*run)(const souschef_host *host, souschef_program *program, souschef_error *error);
} souschef_host_process;

/* ------------------------------------------------------------------------------ plugin, factory, entry */

typedef struct souschef_descriptor {
  uint32_t struct_size;
  const char *id;            /* "blend"; lower-case letters, digits, '-', '_' */
  const char *version;       /* "1.2.0" */
  const char *manifest_json; /* for a built-in plugin its plugin.json; NULL for others, whose folder has one */
} souschef_descriptor;

typedef struct souschef_plugin {
  uint32_t struct_size;
  const souschef_descriptor *descriptor; /* valid until deinit */
  void *self;
  /* [main] Settings as one JSON object, already checked against the schema of plugin.json, defaults filled in. */
  souschef_status (*start)(const struct souschef_plugin *plugin, souschef_text settings_json, souschef_error *error);
  void (*stop)(const struct souschef_plugin *plugin); /* [main] */
  /* [any] An extension by id (SOUSCHEF_TRACER, ...), or NULL. Valid until destroy. */
  const void *(*extension)(const struct souschef_plugin *plugin, const char *id);
  void (*destroy)(const struct souschef_plugin *plugin); /* [main] frees the object */
} souschef_plugin;

typedef struct souschef_factory {
  uint32_t struct_size;
  uint32_t (*count)(const struct souschef_factory *factory);                                        /* [main] */
  const souschef_descriptor *(*describe)(const struct souschef_factory *factory, uint32_t index);   /* [main] */
  /* [main] A new object, or NULL. `host` outlives it. */
  const souschef_plugin *(*create)(const struct souschef_factory *factory, const souschef_host *host, const char *id);
} souschef_factory;

typedef struct souschef_entry {
  uint32_t struct_size;
  uint32_t abi_major, abi_minor; /* SOUSCHEF_ABI_MAJOR, SOUSCHEF_ABI_MINOR at compile time */
  /* [main] `folder` is the plugin's folder, or the program for built-ins. 0: the plugin cannot work here. */
  int32_t (*init)(souschef_bytes folder);
  void (*deinit)(void);                          /* [main] */
  const souschef_factory *(*factory)(void);      /* [main] valid until deinit */
} souschef_entry;

/* The one exported symbol. */
extern SOUSCHEF_EXPORT const souschef_entry souschef_plugin_entry;

/* ----------------------------------------------------------------------------------------- analysis */

/* One walk of one file, shared by the tracer, the filter and the inspector of a plugin. A plugin that offers a
 * tracer or a filter offers this. */
#define SOUSCHEF_ANALYSER "souschef.analyser/1"
typedef struct souschef_analysis souschef_analysis;
typedef struct souschef_analyser {
  uint32_t struct_size;
  /* [any] Non-zero if a file that begins with these bytes (64, or all of a shorter file) is for this plugin. */
  int32_t (*accepts)(const souschef_plugin *plugin, souschef_bytes head);
  /* [any] `file` stays valid until close. The plugin may unwrap the file to memory or to an unlinked temporary
   * file in `temporary_folder`. SOUSCHEF_DECLINED: the head promised more than the file holds; go on without. */
  souschef_status (*open)(const souschef_plugin *plugin, const souschef_file *file, souschef_bytes temporary_folder,
                          souschef_analysis **analysis, souschef_error *error);
  void (*close)(const souschef_plugin *plugin, souschef_analysis *analysis);
  /* The *content*: what remains when a compressed wrapper is taken off; the file itself where there is none. */
  uint64_t (*content_size)(const souschef_plugin *plugin, souschef_analysis *analysis);
  /* [any] The content from `offset`, at most `size` bytes, as one piece of memory that is valid until the next call
   * for this analysis; size 0 on a failure or at the end. */
  souschef_bytes (*content)(const souschef_plugin *plugin, souschef_analysis *analysis, uint64_t offset, size_t size);
} souschef_analyser;

/* ------------------------------------------------------------------------------------------- tracer */

/* What a file needs, what it would write, what it is. A tracer reports what the bytes say; the host resolves
 * paths, looks whether files exist, and follows dependencies. */
#define SOUSCHEF_TRACER "souschef.tracer/1"

#define SOUSCHEF_NONE 0xFFFFFFFFu

/* A datablock of the file. The host starts at the roots (or, in a library, at the names that are used), follows
 * `uses`, and takes the references of what it reaches. */
enum { SOUSCHEF_DATABLOCK_ROOT = 1u << 0 };
typedef struct souschef_datablock {
  uint32_t struct_size;
  souschef_bytes name; /* as stored, code included: "OBCube" */
  uint32_t library;    /* for a placeholder the index of the library's datablock, else SOUSCHEF_NONE */
  uint32_t flags;
} souschef_datablock;

/* Numbers stand in caches and JSON (as words): never reuse one. */
enum souschef_reference_kind {
  SOUSCHEF_KIND_OTHER = 0,
  SOUSCHEF_KIND_LIBRARY = 1,
  SOUSCHEF_KIND_IMAGE = 2,
  SOUSCHEF_KIND_MOVIE = 3,
  SOUSCHEF_KIND_SOUND = 4,
  SOUSCHEF_KIND_FONT = 5,
  SOUSCHEF_KIND_VOLUME = 6,
  SOUSCHEF_KIND_CACHE_FILE = 7,   /* Alembic, USD */
  SOUSCHEF_KIND_MESH_CACHE = 8,
  SOUSCHEF_KIND_POINT_CACHE = 9,
  SOUSCHEF_KIND_FLUID = 10,
  SOUSCHEF_KIND_OCEAN = 11,
  SOUSCHEF_KIND_GEOMETRY_NODES = 12,
  SOUSCHEF_KIND_MESH_DATA = 13,   /* multires and mesh external data */
  SOUSCHEF_KIND_LIGHT_PROFILE = 14, /* IES */
  SOUSCHEF_KIND_SCRIPT = 15,      /* OSL */
  SOUSCHEF_KIND_TEXT = 16,
  SOUSCHEF_KIND_PROXY = 17,
  SOUSCHEF_KIND_UNEXPLAINED = 18  /* looks like a path in a place that the tracer does not know */
};

/* What one path stands for. */
enum souschef_expansion {
  SOUSCHEF_EXPAND_FILE = 0,
  SOUSCHEF_EXPAND_LAST_DIGITS = 1,      /* sequence: the last run of digits before the extension counts */
  SOUSCHEF_EXPAND_TRAILING_DIGITS = 2,  /* sequence: the digits directly before the extension count */
  SOUSCHEF_EXPAND_UDIM = 3,             /* <UDIM> in the name stands for four digits */
  SOUSCHEF_EXPAND_UVTILE = 4,           /* <UVTILE> stands for u1_v1 */
  SOUSCHEF_EXPAND_FOLDER = 5,           /* every file below; with a `pattern` only of those entries of the folder
                                           whose names begin with one of its prefixes, separated by '\n' */
  SOUSCHEF_EXPAND_POINT_CACHE = 6,      /* in the folder `path`: pattern_NNNNNN[_NN].bphys|vdb; an empty `path` is the
                                           file's own cache folder, "//<BLENDCACHE>" */
  SOUSCHEF_EXPAND_VIEWS = 7             /* stereo: one file per suffix in `pattern`, separated by '\n' */
};

enum souschef_need {
  SOUSCHEF_NEED_REQUIRED = 0, /* a render without it is wrong */
  SOUSCHEF_NEED_CACHE = 1,    /* simulation data: needed if it exists */
  SOUSCHEF_NEED_OPTIONAL = 2  /* a render does not look at it */
};

/* As a `base`: relative to the file that the trace began with, in whatever library the reference was found. */
#define SOUSCHEF_BASE_ENTRY "//"

typedef struct souschef_reference {
  uint32_t struct_size;
  souschef_bytes path;  /* as written; bytes. "<BLENDCACHE>" stands for "blendcache_" and the name of the file that the
                           path is relative to, without its last extension: no tracer can know it from the bytes */
  souschef_bytes base;  /* empty, or the path of the file that a relative `path` is relative to instead of this one */
  uint32_t kind;        /* souschef_reference_kind */
  uint32_t expansion;   /* souschef_expansion */
  uint32_t need;        /* souschef_need */
  uint32_t datablock;   /* whose it is, or SOUSCHEF_NONE: always active. A library's is active when used */
  souschef_text property; /* "Image.filepath": for people */
  souschef_bytes pattern;  /* see souschef_expansion */
  int32_t first_frame, last_frame; /* frames that can be asked for; first > last: not known, take all */
  uint32_t rewritable;  /* non-zero: rewrite() can change it */
} souschef_reference;

enum souschef_output_kind {
  SOUSCHEF_OUTPUT_RENDER = 0,      /* the scene's own output path */
  SOUSCHEF_OUTPUT_FILE_NODE = 1,   /* a File Output node or one of its slots */
  SOUSCHEF_OUTPUT_BAKE = 2,        /* written only by baking */
  SOUSCHEF_OUTPUT_OTHER = 3
};
typedef struct souschef_output {
  uint32_t struct_size;
  uint32_t kind;
  uint32_t datablock;     /* the scene or node tree */
  souschef_bytes path;    /* as written */
  souschef_bytes slot;    /* File Output: the slot's path below `path`; else empty */
  souschef_text format;   /* "PNG", "OPEN_EXR_MULTILAYER", "FFMPEG" */
  souschef_text extension; /* ".png" */
  souschef_text node;     /* the node's name, groups in front: "Group/File Output" */
  uint32_t muted;         /* written by nobody */
} souschef_output;

typedef struct souschef_simulation {
  uint32_t struct_size;
  uint32_t datablock;
  souschef_text kind;     /* "rigid_body", "cloth", "soft_body", "particles", "fluid", "dynamic_paint", "nodes" */
  souschef_text name;     /* the modifier or system */
  uint32_t baked;         /* non-zero: jumping to a frame gives what playing to it gives */
  int32_t first_frame, last_frame;
  uint32_t reserved;      /* padding of 1.0: written 0, never read */
  uint32_t cache;         /* 1.1: the reference whose files hold the baked frames: where it has none, the simulation is not
                             baked after all. SOUSCHEF_NONE: they are inside the file, or there is nothing to hold */
} souschef_simulation;

/* Calls come in this order: all datablocks, all uses, then the rest in any order. Each returns 0 to go on; anything
 * else: stop with SOUSCHEF_CANCELLED. Datablocks and references are numbered from 0 in the order reported. */
typedef struct souschef_trace_sink {
  uint32_t struct_size;
  void *context;
  int32_t (*datablock)(void *context, const souschef_datablock *datablock);
  int32_t (*uses)(void *context, uint32_t from, const uint32_t *to, size_t count);
  int32_t (*reference)(void *context, const souschef_reference *reference);
  int32_t (*output)(void *context, const souschef_output *output);
  int32_t (*simulation)(void *context, const souschef_simulation *simulation);
  /* One JSON object: docs/format/trace.md, "facts". */
  int32_t (*facts)(void *context, souschef_text json);
  int32_t (*warning)(void *context, uint32_t datablock, souschef_text code, souschef_text message);
} souschef_trace_sink;

/* `reference` as numbered by trace() of the same content. */
typedef struct souschef_path_change {
  uint32_t reference;
  souschef_bytes path;
} souschef_path_change;

typedef struct souschef_tracer {
  uint32_t struct_size;
  /* [any] Changes when the same bytes would be reported differently: cached results are keyed by it. */
  uint32_t version;
  souschef_status (*trace)(const souschef_plugin *plugin, souschef_analysis *analysis, const souschef_trace_sink *sink,
                           souschef_error *error);
  /* [any] Writes the content (unwrapped) with some paths changed; everything else stays as it is. A path that does
   * not fit its field is SOUSCHEF_BAD_INPUT. */
  souschef_status (*rewrite)(const souschef_plugin *plugin, souschef_analysis *analysis,
                             const souschef_path_change *changes, size_t change_count, const souschef_byte_sink *out,
                             souschef_error *error);
} souschef_tracer;

/* ------------------------------------------------------------------------------------------- filter */

/* Turns content into a stream that deduplicates well, and back, bit for bit. The host proves every file by decoding
 * before it trusts the stream. A store accepts streams only from filters that are built into the program, unless
 * store.allow_filters says otherwise. A version, once released, is decoded for ever. */
#define SOUSCHEF_FILTER "souschef.filter/1"
typedef struct souschef_decoder souschef_decoder;

/* One slice of the stream and the places in it where chunks end (offsets from the slice's start, ascending; the
 * last equals `size`). A slice is at most 8 MiB, a chunk at most 4 MiB. The bytes are valid until emit returns. */
typedef struct souschef_slice_sink {
  uint32_t struct_size;
  void *context;
  int32_t (*emit)(void *context, const uint8_t *data, size_t size, const uint32_t *cuts, size_t cut_count);
} souschef_slice_sink;

typedef struct souschef_filter {
  uint32_t struct_size;
  uint32_t version;        /* what encode() writes */
  uint32_t oldest_version; /* decode reads this one and all up to `version` */
  /* [any] SOUSCHEF_DECLINED before the first slice: this content is not for the filter. */
  souschef_status (*encode)(const souschef_plugin *plugin, souschef_analysis *analysis, const souschef_slice_sink *sink,
                            souschef_error *error);
  /* [any] Decoding: the stream is pushed from its beginning in pieces of any size; content comes out of `out` as soon
   * as it is known. finish checks that nothing is missing. Both finish and abandon free the decoder. `out` stays
   * valid until then. Streams are from disk: they may be hostile. */
  souschef_status (*decode_begin)(const souschef_plugin *plugin, uint32_t version, uint64_t content_size,
                                  const souschef_byte_sink *out, souschef_decoder **decoder, souschef_error *error);
  souschef_status (*decode_push)(const souschef_plugin *plugin, souschef_decoder *decoder, const uint8_t *data,
                                 size_t size, souschef_error *error);
  souschef_status (*decode_finish)(const souschef_plugin *plugin, souschef_decoder *decoder, souschef_error *error);
  void (*decode_abandon)(const souschef_plugin *plugin, souschef_decoder *decoder);
} souschef_filter;

/* The compressed wrapper around the content, and how to make it again. */
#define SOUSCHEF_WRAPPER "souschef.wrapper/1"
typedef struct souschef_wrapping souschef_wrapping;
enum souschef_wrapper_kind { SOUSCHEF_WRAPPER_NONE = 0, SOUSCHEF_WRAPPER_GZIP = 1, SOUSCHEF_WRAPPER_ZSTD = 2 };

typedef struct souschef_wrapper {
  uint32_t struct_size;
  /* The encoder at hand, as it is recorded beside what it proved ("zstd 1.5.4"). Valid until destroy. */
  const char *(*encoder)(const souschef_plugin *plugin, uint32_t kind);
  uint32_t (*kind)(const souschef_plugin *plugin, souschef_analysis *analysis);
  /* [any] What is needed beside the content to make this wrapper again (frame sizes, level); a few bytes per frame.
   * SOUSCHEF_DECLINED: it cannot be made again; `wrap` with no parameters makes a fresh one. */
  souschef_status (*describe)(const souschef_plugin *plugin, souschef_analysis *analysis, const souschef_byte_sink *out,
                              souschef_error *error);
  /* [any] As decode_*: the content is pushed, the file comes out. Empty parameters: a fresh wrapper of `kind`. */
  souschef_status (*wrap_begin)(const souschef_plugin *plugin, uint32_t kind, souschef_bytes parameters,
                                const souschef_byte_sink *out, souschef_wrapping **wrapping, souschef_error *error);
  souschef_status (*wrap_push)(const souschef_plugin *plugin, souschef_wrapping *wrapping, const uint8_t *data,
                               size_t size, souschef_error *error);
  souschef_status (*wrap_finish)(const souschef_plugin *plugin, souschef_wrapping *wrapping, souschef_error *error);
  void (*wrap_abandon)(const souschef_plugin *plugin, souschef_wrapping *wrapping);
} souschef_wrapper;

/* ---------------------------------------------------------------------------------------- inspector */

/* What `diff` and `debug` show of a file. */
#define SOUSCHEF_INSPECTOR "souschef.inspector/1"
typedef struct souschef_outline_item {
  uint32_t struct_size;
  souschef_text kind;   /* "object", "mesh", "scene" */
  souschef_bytes name;  /* "Cube" */
  uint8_t digest[16];   /* equal for equal content, whatever addresses and session values say */
  souschef_text detail; /* one line for people, or empty: "frames 1-250, 1920x1080" */
} souschef_outline_item;
typedef struct souschef_outline_sink {
  uint32_t struct_size;
  void *context;
  int32_t (*item)(void *context, const souschef_outline_item *item);
} souschef_outline_sink;

typedef struct souschef_inspector {
  uint32_t struct_size;
  souschef_status (*outline)(const souschef_plugin *plugin, souschef_analysis *analysis,
                             const souschef_outline_sink *sink, souschef_error *error);
  /* Debug commands: a JSON array [{"name": "blend-blocks", "arguments": "[CODE]", "summary": "..."}], valid until
   * destroy. */
  const char *(*commands)(const souschef_plugin *plugin);
  /* [any] Runs one on a file; plain text comes out. `arguments` is a JSON array of strings. */
  souschef_status (*run)(const souschef_plugin *plugin, souschef_text command, souschef_text arguments,
                         souschef_analysis *analysis, const souschef_byte_sink *out, souschef_error *error);
} souschef_inspector;

/* --------------------------------------------------------------- renderers, stages, events: JSON calls */

/* Kinds whose calls are rare: a method name and a JSON object in, a JSON object out. The methods, their fields and
 * their meaning are in docs/format/plugin-protocol.md; an executable gets exactly the same objects on its wire.
 *
 *   renderer.describe  renderer.launch  renderer.command  renderer.decode  renderer.outputs
 *   stage.describe     stage.run
 *   event.handle
 */
#define SOUSCHEF_CALLS "souschef.calls/1"

/* The host's side of one running call. */
typedef struct souschef_call {
  uint32_t struct_size;
  void *context;
  /* [any] Non-zero once the caller wants the call to end: return SOUSCHEF_CANCELLED soon. */
  int32_t (*cancelled)(void *context);
  /* [any] fraction from 0 to 1, or below 0 when it is not known; `message` may be empty. */
  void (*progress)(void *context, double fraction, souschef_text message);
  /* [any] A line for the log of the frame or stage. level as in souschef_host.log. */
  void (*log)(void *context, int32_t level, souschef_text message);
} souschef_call;

typedef struct souschef_calls {
  uint32_t struct_size;
  /* [any] May take long (stage.run); everything else answers within a second. An unknown method is
   * SOUSCHEF_UNSUPPORTED. */
  souschef_status (*call)(const souschef_plugin *plugin, const souschef_call *call, souschef_text method,
                          souschef_text request_json, const souschef_byte_sink *reply_json, souschef_error *error);
} souschef_calls;

#ifdef __cplusplus
}
#endif

#endif /* SOUSCHEF_PLUGIN_H */
