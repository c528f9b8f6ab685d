#include "ctext.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

// The few functions that are called, declared here: their interface has been stable since Pango 1.16, and headers
// would bring GLib's along.
typedef struct {
  int x, y, width, height;
} rectangle;

#define CAIRO_FORMAT_A8 2
#define PANGO_SCALE 1024

#define CAIRO_FUNCTIONS(X) \
  X(void *, cairo_image_surface_create, (int, int, int)) \
  X(unsigned char *, cairo_image_surface_get_data, (void *)) \
  X(int, cairo_image_surface_get_stride, (void *)) \
  X(int, cairo_surface_status, (void *)) \
  X(void, cairo_surface_flush, (void *)) \
  X(void, cairo_surface_destroy, (void *)) \
  X(void *, cairo_create, (void *)) \
  X(void, cairo_move_to, (void *, double, double)) \
  X(void, cairo_destroy, (void *))

#define PANGO_FUNCTIONS(X) \
  X(void *, pango_cairo_create_layout, (void *)) \
  X(void, pango_cairo_show_layout, (void *, void *)) \
  X(void *, pango_font_description_from_string, (const char *)) \
  X(void, pango_font_description_set_absolute_size, (void *, double)) \
  X(void, pango_font_description_free, (void *)) \
  X(void, pango_layout_set_font_description, (void *, const void *)) \
  X(void, pango_layout_set_single_paragraph_mode, (void *, int)) \
  X(void, pango_layout_set_text, (void *, const char *, int)) \
  X(void, pango_layout_get_pixel_extents, (void *, rectangle *, rectangle *)) \
  X(int, pango_layout_get_unknown_glyphs_count, (void *)) \
  X(void, g_object_unref, (void *))

#define DECLARE(result, name, parameters) static result(*p_##name) parameters;
CAIRO_FUNCTIONS(DECLARE)
PANGO_FUNCTIONS(DECLARE)
#undef DECLARE

static int is_loaded = 0;

static void load(void) {
#if defined(__APPLE__)
  const char *name = "libpangocairo-1.0.dylib";
#else
  const char *name = "libpangocairo-1.0.so.0";
#endif
  // Pango's library brings Cairo's and GObject's symbols with it.
  void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
#define FIND(result, name, parameters) \
  if (!(p_##name = (result(*) parameters)dlsym(library, #name))) return;
  CAIRO_FUNCTIONS(FIND)
  PANGO_FUNCTIONS(FIND)
#undef FIND
  is_loaded = 1;
}

static int libraries_are_there(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return is_loaded;
}

// Lays the text out on a surface; all pointers are to be released.
typedef struct {
  void *surface, *context, *layout;
} canvas;

static int open_canvas(canvas *c, const char *text, double size, int width, int height) {
  memset(c, 0, sizeof *c);
  c->surface = p_cairo_image_surface_create(CAIRO_FORMAT_A8, width, height);
  if (p_cairo_surface_status(c->surface) != 0) return CTEXT_FAILED;
  c->context = p_cairo_create(c->surface);
  c->layout = p_pango_cairo_create_layout(c->context);
  void *font = p_pango_font_description_from_string("Sans Bold");
  if (!c->layout || !font) return CTEXT_FAILED;
  p_pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
  p_pango_layout_set_font_description(c->layout, font);
  p_pango_font_description_free(font);
  p_pango_layout_set_single_paragraph_mode(c->layout, 1);
  p_pango_layout_set_text(c->layout, text, -1);
  return CTEXT_DONE;
}

static void close_canvas(canvas *c) {
  if (c->layout) p_g_object_unref(c->layout);
  if (c->context) p_cairo_destroy(c->context);
  if (c->surface) p_cairo_surface_destroy(c->surface);
}

int ctext_measure(const char *text, double size, ctext_extents *extents) {
  if (!libraries_are_there()) return CTEXT_NO_LIBRARY;
  canvas c;
  int status = open_canvas(&c, text, size, 1, 1);
  if (status == CTEXT_DONE) {
    rectangle ink;
    p_pango_layout_get_pixel_extents(c.layout, &ink, NULL);
    extents->ink_x = ink.x;
    extents->ink_y = ink.y;
    extents->ink_width = ink.width;
    extents->ink_height = ink.height;
    extents->unknown_glyphs = p_pango_layout_get_unknown_glyphs_count(c.layout);
  }
  close_canvas(&c);
  return status;
}

int ctext_draw(
    const char *text, double size, int32_t x, int32_t y, uint8_t *coverage, int32_t width, int32_t height) {
  if (!libraries_are_there()) return CTEXT_NO_LIBRARY;
  canvas c;
  int status = open_canvas(&c, text, size, width, height);
  if (status == CTEXT_DONE) {
    rectangle ink;
    p_pango_layout_get_pixel_extents(c.layout, &ink, NULL);
    p_cairo_move_to(c.context, x - ink.x, y - ink.y);
    p_pango_cairo_show_layout(c.context, c.layout);
    p_cairo_surface_flush(c.surface);
    const unsigned char *data = p_cairo_image_surface_get_data(c.surface);
    const int stride = p_cairo_image_surface_get_stride(c.surface);
    if (data)
      for (int32_t row = 0; row < height; row++)
        memcpy(coverage + (size_t)row * width, data + (size_t)row * stride, width);
    else
      status = CTEXT_FAILED;
  }
  close_canvas(&c);
  return status;
}
