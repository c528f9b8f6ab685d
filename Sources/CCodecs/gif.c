#include "support.h"

#include <gif_lib.h>
#include <stdlib.h>

typedef struct {
  const uint8_t *data;
  size_t size, offset;
} gif_source;

static int read_bytes(GifFileType *gif, GifByteType *out, int count) {
  gif_source *source = gif->UserData;
  size_t left = source->size - source->offset;
  size_t taken = count < 0 ? 0 : (size_t)count < left ? (size_t)count : left;
  memcpy(out, source->data + source->offset, taken);
  source->offset += taken;
  return (int)taken;
}

// Opens the file and stops behind the first picture's descriptor; -1 or the transparent colour's index.
static assay_status open_first(
    gif_source *source, const assay_limits *limits, GifFileType **file, int *transparent, assay_image_info *info) {
  int code = 0;
  GifFileType *gif = DGifOpen(source, read_bytes, &code);
  *file = gif;
  *transparent = -1;
  if (!gif) {
    assay_say(info->message, "the GIF header is malformed");
    return ASSAY_BAD;
  }
  for (;;) {
    GifRecordType type;
    if (DGifGetRecordType(gif, &type) != GIF_OK || type == TERMINATE_RECORD_TYPE) {
      assay_say(info->message, "the file holds no picture");
      return ASSAY_BAD;
    }
    if (type == IMAGE_DESC_RECORD_TYPE) break;
    if (type != EXTENSION_RECORD_TYPE) continue;
    int label = 0;
    GifByteType *block = NULL;
    if (DGifGetExtension(gif, &label, &block) != GIF_OK) {
      assay_say(info->message, "an extension ends early");
      return ASSAY_BAD;
    }
    while (block) {
      // A control block: flags, delay, transparent index.
      if (label == GRAPHICS_EXT_FUNC_CODE && block[0] >= 4) *transparent = block[1] & 1 ? block[4] : -1;
      if (DGifGetExtensionNext(gif, &block) != GIF_OK) {
        assay_say(info->message, "an extension ends early");
        return ASSAY_BAD;
      }
    }
  }
  if (DGifGetImageDesc(gif) != GIF_OK) {
    assay_say(info->message, "the picture's header ends early");
    return ASSAY_BAD;
  }
  const GifImageDesc *frame = &gif->Image;
  // Some writers leave the screen's size at zero.
  info->width = (uint32_t)(gif->SWidth > 0 ? gif->SWidth : frame->Left + frame->Width);
  info->height = (uint32_t)(gif->SHeight > 0 ? gif->SHeight : frame->Top + frame->Height);
  int covers = frame->Left == 0 && frame->Top == 0 && (uint32_t)frame->Width >= info->width
               && (uint32_t)frame->Height >= info->height;
  info->channels = *transparent >= 0 || !covers ? 4 : 3;
  info->bits = 8;
  info->source_bits = 8;
  info->frames = 1;
  return assay_over_limit(info->width, info->height, limits) ? ASSAY_TOO_LARGE : ASSAY_OK;
}

assay_status assay_gif_info(
    const uint8_t *data, size_t size, const assay_limits *limits, assay_image_info *info) {
  memset(info, 0, sizeof *info);
  gif_source source = {data, size, 0};
  GifFileType *gif = NULL;
  int transparent = -1;
  assay_status status = open_first(&source, limits, &gif, &transparent, info);
  info->consumed = source.offset;
  if (gif) DGifCloseFile(gif, NULL);
  return status;
}

assay_status assay_gif_decode(
    const uint8_t *data, size_t size, const assay_limits *limits, uint8_t *pixels, size_t capacity,
    assay_image_info *info) {
  memset(info, 0, sizeof *info);
  memset(pixels, 0, capacity);
  gif_source source = {data, size, 0};
  GifFileType *gif = NULL;
  GifPixelType *line = NULL;
  int transparent = -1;
  assay_status status = open_first(&source, limits, &gif, &transparent, info);
  if (status == ASSAY_OK && assay_image_bytes(info) != capacity) status = ASSAY_BAD;
  const ColorMapObject *map = NULL;
  if (status == ASSAY_OK) {
    map = gif->Image.ColorMap ? gif->Image.ColorMap : gif->SColorMap;
    if (!map) {
      assay_say(info->message, "the picture has no palette");
      status = ASSAY_BAD;
    }
  }
  if (status == ASSAY_OK) {
    const GifImageDesc *frame = &gif->Image;
    line = malloc(frame->Width > 0 ? (size_t)frame->Width : 1);
    if (!line) status = ASSAY_NO_MEMORY;
    static const int starts[] = {0, 4, 2, 1}, steps[] = {8, 8, 4, 2};
    for (int pass = 0; status == ASSAY_OK && pass < (frame->Interlace ? 4 : 1); pass++) {
      int step = frame->Interlace ? steps[pass] : 1;
      for (int y = frame->Interlace ? starts[pass] : 0; y < frame->Height; y += step) {
        if (DGifGetLine(gif, line, frame->Width) != GIF_OK) {
          assay_say(info->message, "the picture's data end early or are damaged");
          status = ASSAY_TRUNCATED;
          break;
        }
        uint32_t row = (uint32_t)(frame->Top + y);
        if (row >= info->height) continue;
        for (int x = 0; x < frame->Width && (uint32_t)(frame->Left + x) < info->width; x++) {
          int index = line[x];
          if (index == transparent) continue;
          uint8_t *target = pixels + ((size_t)row * info->width + (size_t)(frame->Left + x)) * info->channels;
          if (index < map->ColorCount) {
            target[0] = map->Colors[index].Red;
            target[1] = map->Colors[index].Green;
            target[2] = map->Colors[index].Blue;
          }
          if (info->channels == 4) target[3] = 255;
        }
      }
    }
  }
  free(line);
  info->consumed = source.offset;
  if (gif) DGifCloseFile(gif, NULL);
  return status;
}
