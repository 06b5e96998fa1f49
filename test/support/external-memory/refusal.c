/* What Electron's V8 answers to each N-API call that would hand it memory of somebody else's (its memory cage). Loaded as
   a module of Node with its symbols for all; addons find these through copies in which the names were changed
   (refuse.cjs): of two symbols with one name Node's own would come first. */

enum { NO_EXTERNAL_BUFFERS_ALLOWED = 22 }; /* napi_no_external_buffers_allowed, js_native_api_types.h */

int nope_create_external_arraybuffer(void) { return NO_EXTERNAL_BUFFERS_ALLOWED; }
int nope_create_external_buffer(void) { return NO_EXTERNAL_BUFFERS_ALLOWED; }
int nope_api_create_external_sharedarraybuffer(void) { return NO_EXTERNAL_BUFFERS_ALLOWED; }

void *napi_register_module_v1(void *env, void *exports) {
  (void)env;
  return exports;
}
