#include "CArchives.h"

#include <archive.h>
#include <archive_entry.h>
#include <dlfcn.h>
#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// Kinds that data sets and exports come in. Others would widen what untrusted bytes reach, and some of the library's
// filters start programs.
#define ARCHIVE_FUNCTIONS(X) \
  X(read_new) \
  X(read_free) \
  X(read_support_filter_gzip) \
  X(read_support_filter_bzip2) \
  X(read_support_filter_xz) \
  X(read_support_filter_lzma) \
  X(read_support_filter_zstd) \
  X(read_support_filter_lz4) \
  X(read_support_format_tar) \
  X(read_support_format_zip) \
  X(read_support_format_7zip) \
  X(read_open_filename) \
  X(read_open_memory) \
  X(read_next_header) \
  X(read_data) \
  X(filter_bytes) \
  X(error_string) \
  X(version_string) \
  X(entry_pathname) \
  X(entry_pathname_utf8) \
  X(entry_size) \
  X(entry_size_is_set) \
  X(entry_filetype) \
  X(entry_hardlink) \
  X(entry_symlink) \
  X(entry_is_data_encrypted)

static struct {
#define DECLARE(name) __typeof__(archive_##name) *name;
  ARCHIVE_FUNCTIONS(DECLARE)
#undef DECLARE
} library;

static int is_loaded = 0;
// Names in archives are UTF-8 or bytes; under the C locale the library would give up on the first.
static locale_t names_locale = (locale_t)0;

static void load(void) {
#if defined(__APPLE__)
  const char *names[] = {"libarchive.13.dylib", "/opt/homebrew/opt/libarchive/lib/libarchive.13.dylib",
                         "/usr/local/opt/libarchive/lib/libarchive.13.dylib", "/usr/lib/libarchive.2.dylib"};
#else
  const char *names[] = {"libarchive.so.13"};
#endif
  void *handle = NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names && !handle; i++) handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  if (!handle) return;
#define FIND(name) \
  if (!(library.name = (__typeof__(library.name))dlsym(handle, "archive_" #name))) return;
  ARCHIVE_FUNCTIONS(FIND)
#undef FIND
  names_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
  if (!names_locale) names_locale = newlocale(LC_CTYPE_MASK, "en_US.UTF-8", (locale_t)0);
  is_loaded = 1;
}

static int load_once(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return is_loaded;
}

void assay_archive_version(char *out, size_t size) {
  snprintf(out, size, "%s", load_once() ? library.version_string() : "not installed");
}

struct assay_archive {
  struct archive *reader;
  struct archive_entry *entry;
  char message[256];
};

static const char *words_of(struct archive *reader) {
  const char *words = library.error_string(reader);
  return words ? words : "the library does not say why";
}

static assay_archive *begin(char message[256]) {
  if (!load_once()) {
    snprintf(message, 256, "libarchive, which reads archives, is not installed");
    return NULL;
  }
  assay_archive *archive = calloc(1, sizeof *archive);
  if (archive) archive->reader = library.read_new();
  if (!archive || !archive->reader) {
    free(archive);
    snprintf(message, 256, "there is no memory left");
    return NULL;
  }
  library.read_support_filter_gzip(archive->reader);
  library.read_support_filter_bzip2(archive->reader);
  library.read_support_filter_xz(archive->reader);
  library.read_support_filter_lzma(archive->reader);
  library.read_support_filter_zstd(archive->reader);
  library.read_support_filter_lz4(archive->reader);
  library.read_support_format_tar(archive->reader);
  library.read_support_format_zip(archive->reader);
  library.read_support_format_7zip(archive->reader);
  return archive;
}

static assay_archive *opened(assay_archive *archive, int code, char message[256]) {
  if (code == ARCHIVE_OK || code == ARCHIVE_WARN) return archive;
  snprintf(message, 256, "%s", words_of(archive->reader));
  assay_archive_close(archive);
  return NULL;
}

assay_archive *assay_archive_open_file(const char *path, char message[256]) {
  struct stat status;
  // What is no regular file may never end.
  if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) {
    snprintf(message, 256, "this is no regular file");
    return NULL;
  }
  assay_archive *archive = begin(message);
  return archive ? opened(archive, library.read_open_filename(archive->reader, path, 1 << 18), message) : NULL;
}

assay_archive *assay_archive_open_memory(const void *data, size_t size, char message[256]) {
  assay_archive *archive = begin(message);
  return archive ? opened(archive, library.read_open_memory(archive->reader, data, size), message) : NULL;
}

void assay_archive_close(assay_archive *archive) {
  if (!archive) return;
  library.read_free(archive->reader);
  free(archive);
}

static assay_archive_status fault(assay_archive *archive, int code) {
  snprintf(archive->message, sizeof archive->message, "%s", words_of(archive->reader));
  return code == ARCHIVE_FATAL ? ASSAY_ARCHIVE_FATAL : ASSAY_ARCHIVE_DAMAGED;
}

static assay_archive_status next_member(assay_archive *archive, assay_member *member) {
  int code = library.read_next_header(archive->reader, &archive->entry);
  if (code == ARCHIVE_EOF) return ASSAY_ARCHIVE_END;
  if (code != ARCHIVE_OK && code != ARCHIVE_WARN) return fault(archive, code);
  member->name = library.entry_pathname(archive->entry);
  if (!member->name) member->name = library.entry_pathname_utf8(archive->entry);
  member->size = library.entry_size_is_set(archive->entry) ? library.entry_size(archive->entry) : -1;
  member->is_encrypted = library.entry_is_data_encrypted(archive->entry) != 0;
  if (library.entry_hardlink(archive->entry) || library.entry_symlink(archive->entry))
    member->kind = ASSAY_MEMBER_LINK;
  else
    switch (library.entry_filetype(archive->entry)) {
      // A zip file that nobody gave permissions has no kind.
      case 0:
      case AE_IFREG: member->kind = ASSAY_MEMBER_FILE; break;
      case AE_IFDIR: member->kind = ASSAY_MEMBER_FOLDER; break;
      case AE_IFLNK: member->kind = ASSAY_MEMBER_LINK; break;
      default: member->kind = ASSAY_MEMBER_OTHER; break;
    }
  return ASSAY_ARCHIVE_OK;
}

assay_archive_status assay_archive_next(assay_archive *archive, assay_member *member) {
  memset(member, 0, sizeof *member);
  locale_t former = names_locale ? uselocale(names_locale) : (locale_t)0;
  assay_archive_status status = next_member(archive, member);
  if (former) uselocale(former);
  return status;
}

assay_archive_status assay_archive_read(assay_archive *archive, void *buffer, size_t capacity, size_t *count) {
  la_ssize_t length = library.read_data(archive->reader, buffer, capacity);
  *count = length > 0 ? (size_t)length : 0;
  return length >= 0 ? ASSAY_ARCHIVE_OK : fault(archive, (int)length);
}

int64_t assay_archive_inflated(const assay_archive *archive) { return library.filter_bytes(archive->reader, 0); }

const char *assay_archive_message(const assay_archive *archive) { return archive->message; }
