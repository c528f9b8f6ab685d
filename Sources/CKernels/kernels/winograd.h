INLINE bool uses_winograd(CK_SHAPE, CKPass pass) { (void)shape; (void)pass; return false; }
INLINE size_t winograd_packed(CK_SHAPE, CKPass pass) { (void)shape; (void)pass; return 0; }
INLINE size_t winograd_slices(CK_SHAPE, CKPass pass) { (void)shape; (void)pass; return 0; }
INLINE size_t winograd_workspace(CK_SHAPE, CKPass pass) { (void)shape; (void)pass; return 0; }
INLINE size_t winograd_partial(CK_SHAPE) { (void)shape; return 0; }
INLINE void winograd_pack(CK_SHAPE, CKPass pass, const float *w, float *p, size_t s) { (void)shape; (void)pass; (void)w; (void)p; (void)s; }
INLINE void winograd_run(CK_SHAPE, CKPass pass, const float *x, const float *p, float *y, const CKEpilogue *e, float *ws, ptrdiff_t s) { (void)shape; (void)pass; (void)x;(void)p;(void)y;(void)e;(void)ws;(void)s; }
INLINE void winograd_backward_weights(CK_SHAPE, const float *x, const float *dy, float *partial, float *ws, ptrdiff_t s) { (void)shape; (void)x;(void)dy;(void)partial;(void)ws;(void)s; }
INLINE void winograd_reduce(CK_SHAPE, const float *p, size_t slices, float *dw, bool a, size_t r, size_t parts) { (void)shape; (void)p;(void)slices;(void)dw;(void)a;(void)r;(void)parts; }
