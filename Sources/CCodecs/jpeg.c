#include "support.h"

#include <setjmp.h>
#include <stdlib.h>

#include <jpeglib.h>
// After jpeglib.h, which it builds upon.
#include <jerror.h>

typedef struct {
  struct jpeg_error_mgr base;
  jmp_buf escape;
  char *message;
  uint32_t warnings;
  int damaged;  // a warning that means lost pixels, unlike stray bytes between markers
} error_manager;

typedef struct {
  struct jpeg_progress_mgr base;
  uint32_t max_scans;
} scan_monitor;

static void on_error(j_common_ptr common) {
  error_manager *errors = (error_manager *)common->err;
  char text[JMSG_LENGTH_MAX];
  common->err->format_message(common, text);
  assay_say(errors->message, text);
  longjmp(errors->escape, 1);
}

// What a warning that means lost pixels tells a person; NULL for the others.
static const char *fault_of(int code) {
  switch (code) {
    case JWRN_JPEG_EOF:
      return "the file ends within its pixels";
    case JWRN_HIT_MARKER:
      return "the coded pixels end before the picture does";
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
      return "the coded pixels hold a code that stands for nothing";
    case JWRN_MUST_RESYNC:
      return "a restart marker is missing among the coded pixels, or stands in the wrong place";
    default:
      return NULL;
  }
}

static void on_message(j_common_ptr common, int level) {
  if (level >= 0) return;
  error_manager *errors = (error_manager *)common->err;
  const char *fault = fault_of(common->err->msg_code);
  if (fault && !errors->damaged) {
    assay_say(errors->message, fault);
    errors->damaged = 1;
  }
  if (++errors->warnings > 10000) {
    assay_say(errors->message, "more than 10000 faults in the entropy-coded data");
    longjmp(errors->escape, 1);
  }
}

static void print_nothing(j_common_ptr common) { (void)common; }

static void set_errors(error_manager *errors, char *message) {
  memset(errors, 0, sizeof *errors);
  jpeg_std_error(&errors->base);
  errors->base.error_exit = on_error;
  errors->base.emit_message = on_message;
  errors->base.output_message = print_nothing;
  errors->message = message;
}

// A small file can ask for thousands of passes over a large picture.
static void on_progress(j_common_ptr common) {
  scan_monitor *monitor = (scan_monitor *)common->progress;
  if (!common->is_decompressor) return;
  if ((uint32_t)((j_decompress_ptr)common)->input_scan_number > monitor->max_scans) {
    error_manager *errors = (error_manager *)common->err;
    assay_say(errors->message, "too many scans");
    longjmp(errors->escape, 2);
  }
}

static void describe(const struct jpeg_decompress_struct *jpeg, assay_image_info *info) {
  info->width = jpeg->image_width;
  info->height = jpeg->image_height;
  info->channels = jpeg->num_components == 1 ? 1 : 3;
  info->bits = 8;
  info->source_bits = (uint32_t)jpeg->data_precision;
  info->source_model = (uint32_t)jpeg->jpeg_color_space;
  info->frames = 1;
}

assay_status assay_jpeg_info(
    const uint8_t *data, size_t size, const assay_limits *limits, assay_image_info *info) {
  memset(info, 0, sizeof *info);
  struct jpeg_decompress_struct jpeg;
  error_manager errors;
  memset(&jpeg, 0, sizeof jpeg);
  set_errors(&errors, info->message);
  jpeg.err = &errors.base;
  if (setjmp(errors.escape)) {
    info->consumed = jpeg.src ? size - jpeg.src->bytes_in_buffer : 0;
    jpeg_destroy_decompress(&jpeg);
    return ASSAY_BAD;
  }
  jpeg_create_decompress(&jpeg);
  jpeg_mem_src(&jpeg, data, (unsigned long)size);
  jpeg_read_header(&jpeg, TRUE);
  describe(&jpeg, info);
  jpeg_destroy_decompress(&jpeg);
  return assay_over_limit(info->width, info->height, limits) ? ASSAY_TOO_LARGE : ASSAY_OK;
}

// Inverted CMYK, in place at the end of the row's RGB: red is (255 - C)(255 - K) / 255, and so on.
static void cmyk_to_rgb(const uint8_t *cmyk, uint8_t *rgb, uint32_t width) {
  for (uint32_t x = 0; x < width; x++) {
    uint32_t key = cmyk[4 * x + 3];
    for (int c = 0; c < 3; c++) {
      uint32_t product = cmyk[4 * x + c] * key + 128;
      rgb[3 * x + c] = (uint8_t)((product + (product >> 8)) >> 8);
    }
  }
}

// Begins to read, with the scans counted. The caller has set where errors escape to.
static void open_watched(
    struct jpeg_decompress_struct *jpeg, scan_monitor *monitor, const uint8_t *data, size_t size) {
  jpeg_create_decompress(jpeg);
  monitor->base.progress_monitor = on_progress;
  jpeg->progress = &monitor->base;
  jpeg_mem_src(jpeg, data, (unsigned long)size);
  jpeg_read_header(jpeg, TRUE);
}

assay_status assay_jpeg_decode(
    const uint8_t *data, size_t size, const assay_limits *limits, uint8_t *pixels, size_t capacity,
    assay_image_info *info) {
  memset(info, 0, sizeof *info);
  struct jpeg_decompress_struct jpeg;
  error_manager errors;
  scan_monitor monitor = {{0}, limits->max_scans};
  // Changed after setjmp and read in the error branch.
  volatile size_t written = 0;
  memset(&jpeg, 0, sizeof jpeg);
  set_errors(&errors, info->message);
  jpeg.err = &errors.base;
  int escaped = setjmp(errors.escape);
  if (escaped) {
    info->warnings = errors.warnings;
    info->consumed = jpeg.src && jpeg.src->bytes_in_buffer <= size ? size - jpeg.src->bytes_in_buffer : size;
    jpeg_destroy_decompress(&jpeg);
    memset(pixels + written, 0, capacity - written);
    return escaped == 2 ? ASSAY_TOO_LARGE : ASSAY_BAD;
  }
  open_watched(&jpeg, &monitor, data, size);
  describe(&jpeg, info);
  if (assay_over_limit(info->width, info->height, limits) || assay_image_bytes(info) != capacity) {
    jpeg_destroy_decompress(&jpeg);
    memset(pixels, 0, capacity);
    return ASSAY_TOO_LARGE;
  }
  jpeg.dct_method = JDCT_ISLOW;
  int four = jpeg.num_components == 4;
  jpeg.out_color_space = four ? JCS_CMYK : info->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_start_decompress(&jpeg);
  JSAMPARRAY scratch = NULL;
  if (four)
    scratch = jpeg.mem->alloc_sarray((j_common_ptr)&jpeg, JPOOL_IMAGE, jpeg.output_width * 4, 1);
  size_t row_bytes = (size_t)info->width * info->channels;
  while (jpeg.output_scanline < jpeg.output_height) {
    uint8_t *row = pixels + (size_t)jpeg.output_scanline * row_bytes;
    if (four) {
      jpeg_read_scanlines(&jpeg, scratch, 1);
      cmyk_to_rgb(scratch[0], row, info->width);
    } else {
      JSAMPROW rows[8];
      JDIMENSION count = jpeg.output_height - jpeg.output_scanline;
      if (count > 8) count = 8;
      for (JDIMENSION i = 0; i < count; i++) rows[i] = row + i * row_bytes;
      jpeg_read_scanlines(&jpeg, rows, count);
    }
    written = (size_t)jpeg.output_scanline * row_bytes;
  }
  jpeg_finish_decompress(&jpeg);
  // At the end of the data libjpeg stands on a made-up EOI, outside the caller's buffer.
  info->consumed = jpeg.src->next_input_byte >= data && jpeg.src->next_input_byte <= data + size
                       ? (uint64_t)(jpeg.src->next_input_byte - data)
                       : size;
  info->warnings = errors.warnings;
  int damaged = errors.damaged;
  jpeg_destroy_decompress(&jpeg);
  return damaged ? ASSAY_TRUNCATED : ASSAY_OK;
}

assay_status assay_jpeg_reduce(
    const uint8_t *data, size_t size, const assay_limits *limits, uint32_t factor, uint8_t *reduced,
    size_t reduced_size, uint32_t kept_rows, uint8_t *kept, size_t kept_size, assay_rows_seen seen, void *context,
    assay_image_info *info) {
  enum { ROWS = 8 };
  memset(info, 0, sizeof *info);
  memset(reduced, 0, reduced_size);
  memset(kept, 0, kept_size);
  struct jpeg_decompress_struct jpeg;
  error_manager errors;
  scan_monitor monitor = {{0}, limits->max_scans};
  memset(&jpeg, 0, sizeof jpeg);
  set_errors(&errors, info->message);
  jpeg.err = &errors.base;
  int escaped = setjmp(errors.escape);
  if (escaped) {
    jpeg_destroy_decompress(&jpeg);
    return escaped == 2 ? ASSAY_TOO_LARGE : ASSAY_BAD;
  }
  open_watched(&jpeg, &monitor, data, size);
  describe(&jpeg, info);
  size_t channels = info->channels, row_bytes = (size_t)info->width * channels;
  size_t columns = factor ? info->width / factor : 0, lines = factor ? info->height / factor : 0;
  // Sums of a column of `factor` samples are held in 16 bits.
  if (assay_over_limit(info->width, info->height, limits) || jpeg.num_components == 4 || factor < 1 || factor > 256 ||
      columns * lines * channels != reduced_size || kept_rows > info->height || kept_rows * row_bytes != kept_size) {
    jpeg_destroy_decompress(&jpeg);
    return ASSAY_UNSUPPORTED;
  }
  jpeg.dct_method = JDCT_ISLOW;
  jpeg.out_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_start_decompress(&jpeg);
  // The library's own memory goes with it, whatever happens.
  uint8_t *block = jpeg.mem->alloc_large((j_common_ptr)&jpeg, JPOOL_IMAGE, ROWS * row_bytes);
  uint16_t *sums = jpeg.mem->alloc_large((j_common_ptr)&jpeg, JPOOL_IMAGE, row_bytes * sizeof *sums);
  memset(sums, 0, row_bytes * sizeof *sums);
  uint32_t area = factor * factor;
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW rows[ROWS];
    size_t first = jpeg.output_scanline;
    JDIMENSION wanted = jpeg.output_height - jpeg.output_scanline, count = 0;
    if (wanted > ROWS) wanted = ROWS;
    for (JDIMENSION i = 0; i < wanted; i++) rows[i] = block + i * row_bytes;
    while (count < wanted) count += jpeg_read_scanlines(&jpeg, rows + count, wanted - count);
    seen(context, block, count * row_bytes);
    for (JDIMENSION i = 0; i < count; i++) {
      size_t y = first + i;
      if (y < kept_rows) memcpy(kept + y * row_bytes, rows[i], row_bytes);
      if (y / factor >= lines) continue;
      for (size_t x = 0; x < row_bytes; x++) sums[x] = (uint16_t)(sums[x] + rows[i][x]);
      if (y % factor != factor - 1) continue;
      uint8_t *out = reduced + y / factor * columns * channels;
      for (size_t x = 0; x < columns; x++)
        for (size_t c = 0; c < channels; c++) {
          uint32_t sum = area / 2;
          for (size_t k = 0; k < factor; k++) sum += sums[(x * factor + k) * channels + c];
          out[x * channels + c] = (uint8_t)(sum / area);
        }
      memset(sums, 0, row_bytes * sizeof *sums);
    }
  }
  jpeg_finish_decompress(&jpeg);
  info->warnings = errors.warnings;
  int damaged = errors.damaged;
  jpeg_destroy_decompress(&jpeg);
  return damaged ? ASSAY_TRUNCATED : ASSAY_OK;
}

// Collects the output in a buffer that stays valid through an error, unlike jpeg_mem_dest's.
typedef struct {
  struct jpeg_destination_mgr base;
  assay_buffer *out;
  size_t capacity;
} memory_sink;

static boolean grow(j_compress_ptr jpeg) {
  memory_sink *sink = (memory_sink *)jpeg->dest;
  size_t used = sink->capacity, capacity = used ? used * 2 : 1 << 16;
  uint8_t *grown = realloc(sink->out->data, capacity);
  if (!grown) ERREXIT1(jpeg, JERR_OUT_OF_MEMORY, 0);
  sink->out->data = grown;
  sink->capacity = capacity;
  sink->base.next_output_byte = grown + used;
  sink->base.free_in_buffer = capacity - used;
  return TRUE;
}

static void start_sink(j_compress_ptr jpeg) { grow(jpeg); }

static void finish_sink(j_compress_ptr jpeg) {
  memory_sink *sink = (memory_sink *)jpeg->dest;
  sink->out->size = sink->capacity - sink->base.free_in_buffer;
}

assay_status assay_jpeg_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels, assay_jpeg_options options,
    assay_buffer *out) {
  memset(out, 0, sizeof *out);
  struct jpeg_compress_struct jpeg;
  error_manager errors;
  memory_sink sink = {{0}, out, 0};
  memset(&jpeg, 0, sizeof jpeg);
  set_errors(&errors, out->message);
  jpeg.err = &errors.base;
  if (setjmp(errors.escape)) {
    jpeg_destroy_compress(&jpeg);
    assay_buffer_free(out);
    return ASSAY_BAD;
  }
  jpeg_create_compress(&jpeg);
  sink.base.init_destination = start_sink;
  sink.base.empty_output_buffer = grow;
  sink.base.term_destination = finish_sink;
  jpeg.dest = &sink.base;
  jpeg.image_width = width;
  jpeg.image_height = height;
  jpeg.input_components = (int)channels;
  jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, options.quality, TRUE);
  jpeg.dct_method = JDCT_ISLOW;
  jpeg.optimize_coding = options.optimize ? TRUE : FALSE;
  if (channels == 3) {
    jpeg.comp_info[0].h_samp_factor = options.horizontal;
    jpeg.comp_info[0].v_samp_factor = options.vertical;
  }
  if (options.progressive) jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  size_t row_bytes = (size_t)width * channels;
  while (jpeg.next_scanline < jpeg.image_height) {
    JSAMPROW row = (JSAMPROW)(pixels + (size_t)jpeg.next_scanline * row_bytes);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  return ASSAY_OK;
}

void assay_jpeg_coefficients_free(assay_jpeg_coefficients *coefficients) {
  for (uint32_t i = 0; i < 4; i++) {
    free(coefficients->components[i].values);
    coefficients->components[i].values = NULL;
  }
}

assay_status assay_jpeg_read_coefficients(
    const uint8_t *data, size_t size, const assay_limits *limits, assay_jpeg_coefficients *out) {
  memset(out, 0, sizeof *out);
  struct jpeg_decompress_struct jpeg;
  error_manager errors;
  scan_monitor monitor = {{0}, limits->max_scans};
  memset(&jpeg, 0, sizeof jpeg);
  set_errors(&errors, out->message);
  jpeg.err = &errors.base;
  int escaped = setjmp(errors.escape);
  if (escaped) {
    jpeg_destroy_decompress(&jpeg);
    assay_jpeg_coefficients_free(out);
    return escaped == 2 ? ASSAY_TOO_LARGE : ASSAY_BAD;
  }
  open_watched(&jpeg, &monitor, data, size);
  out->width = jpeg.image_width;
  out->height = jpeg.image_height;
  if (assay_over_limit(out->width, out->height, limits)) {
    jpeg_destroy_decompress(&jpeg);
    return ASSAY_TOO_LARGE;
  }
  if (jpeg.num_components > 4) {
    jpeg_destroy_decompress(&jpeg);
    assay_say(out->message, "more than four components");
    return ASSAY_UNSUPPORTED;
  }
  jvirt_barray_ptr *arrays = jpeg_read_coefficients(&jpeg);
  out->component_count = (uint32_t)jpeg.num_components;
  for (uint32_t i = 0; i < out->component_count; i++) {
    jpeg_component_info *source = &jpeg.comp_info[i];
    assay_jpeg_component *target = &out->components[i];
    target->blocks_wide = source->width_in_blocks;
    target->blocks_high = source->height_in_blocks;
    target->horizontal = (uint32_t)source->h_samp_factor;
    target->vertical = (uint32_t)source->v_samp_factor;
    target->component_id = (uint32_t)source->component_id;
    // The table saved at the component's first scan, since a file may redefine the slot later.
    JQUANT_TBL *table = source->quant_table;
    if (!table && source->quant_tbl_no >= 0 && source->quant_tbl_no < NUM_QUANT_TBLS)
      table = jpeg.quant_tbl_ptrs[source->quant_tbl_no];
    if (table)
      for (int k = 0; k < 64; k++) target->quant[k] = table->quantval[k];
    size_t row_bytes = (size_t)target->blocks_wide * sizeof(JBLOCK);
    target->values = malloc(row_bytes * target->blocks_high);
    if (!target->values) {
      jpeg_destroy_decompress(&jpeg);
      assay_jpeg_coefficients_free(out);
      return ASSAY_NO_MEMORY;
    }
    for (JDIMENSION y = 0; y < source->height_in_blocks; y++) {
      JBLOCKARRAY rows =
          jpeg.mem->access_virt_barray((j_common_ptr)&jpeg, arrays[i], y, 1, FALSE);
      memcpy((uint8_t *)target->values + y * row_bytes, rows[0], row_bytes);
    }
  }
  jpeg_finish_decompress(&jpeg);
  out->warnings = errors.warnings;
  int damaged = errors.damaged;
  jpeg_destroy_decompress(&jpeg);
  return damaged ? ASSAY_TRUNCATED : ASSAY_OK;
}
