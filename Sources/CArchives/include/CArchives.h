#pragma once
#include <stddef.h>
#include <stdint.h>

// Archives, read one member after the other. libarchive is loaded when the first one is opened: it brings XML and
// Unicode tables along, which every other run would pay for.

typedef struct assay_archive assay_archive;

typedef enum {
  ASSAY_MEMBER_FILE = 0,
  ASSAY_MEMBER_FOLDER = 1,
  ASSAY_MEMBER_LINK = 2,
  ASSAY_MEMBER_OTHER = 3,
} assay_member_kind;

typedef struct {
  const char *name;  // as the archive has it; valid until the next call; NULL where it has none
  int64_t size;      // -1 where the archive tells it after the content only
  assay_member_kind kind;
  int is_encrypted;
} assay_member;

typedef enum {
  ASSAY_ARCHIVE_OK = 0,
  ASSAY_ARCHIVE_END = 1,
  ASSAY_ARCHIVE_DAMAGED = 2,  // this member, or this stretch of the archive; the next may be whole
  ASSAY_ARCHIVE_FATAL = 3,    // nothing more can be read
} assay_archive_status;

// Writes the library's version, or "not installed".
void assay_archive_version(char *out, size_t size);

// NULL where the library is missing or the file is no archive of a kind that is read; `message` says why.
assay_archive *assay_archive_open_file(const char *path, char message[256]);
// The memory must outlive the archive.
assay_archive *assay_archive_open_memory(const void *data, size_t size, char message[256]);
void assay_archive_close(assay_archive *archive);

assay_archive_status assay_archive_next(assay_archive *archive, assay_member *member);
// Reads on in the member that `next` gave. `*count` bytes were written, also where the status is a fault; none at its
// end.
assay_archive_status assay_archive_read(assay_archive *archive, void *buffer, size_t capacity, size_t *count);
// Bytes that came out of the outer compression so far, members that were passed over included.
int64_t assay_archive_inflated(const assay_archive *archive);
// What went wrong last, in the library's words; never NULL.
const char *assay_archive_message(const assay_archive *archive);
