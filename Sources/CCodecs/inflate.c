#include "support.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

assay_status assay_inflate(const uint8_t *data, size_t size, size_t limit, size_t keep, assay_buffer *out) {
  memset(out, 0, sizeof *out);
  if (size > UINT_MAX) size = UINT_MAX;
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  // 32: the header tells zlib from gzip.
  if (inflateInit2(&stream, MAX_WBITS + 32) != Z_OK) return ASSAY_NO_MEMORY;
  stream.next_in = (Bytef *)data;
  stream.avail_in = (uInt)size;
  size_t capacity = 0;
  assay_status status = ASSAY_OK;
  for (;;) {
    if (out->size == capacity) {
      if (capacity > limit) {
        status = ASSAY_TOO_LARGE;
        break;
      }
      // Text shrinks to a third or so; one byte over the limit shows that there is more.
      size_t wanted = capacity ? capacity * 2 : size * 4 + 256;
      if (wanted > limit + 1) wanted = limit + 1;
      uint8_t *grown = realloc(out->data, wanted);
      if (!grown) {
        status = ASSAY_NO_MEMORY;
        break;
      }
      out->data = grown;
      capacity = wanted;
    }
    size_t room = capacity - out->size;
    if (room > UINT_MAX) room = UINT_MAX;
    stream.next_out = out->data + out->size;
    stream.avail_out = (uInt)room;
    int code = inflate(&stream, Z_NO_FLUSH);
    out->size += room - stream.avail_out;
    if (code == Z_STREAM_END) {
      if (out->size > limit) status = ASSAY_TOO_LARGE;
      break;
    }
    if (code == Z_BUF_ERROR || (code == Z_OK && stream.avail_in == 0 && stream.avail_out > 0)) {
      status = ASSAY_TRUNCATED;
      break;
    }
    if (code != Z_OK) {
      assay_say(out->message, stream.msg ? stream.msg : "the deflated data are damaged");
      status = ASSAY_BAD;
      break;
    }
  }
  inflateEnd(&stream);
  if (status == ASSAY_TOO_LARGE && out->size > keep) out->size = keep;
  return status;
}
