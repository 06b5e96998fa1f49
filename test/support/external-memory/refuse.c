/* The reply of Electron's V8 to each N-API call that would give it external memory (its memory cage). Loaded as a Node
   module with global symbols; addons find them through copies with changed names (refuse.cjs), because of two symbols
   with one name, Node's own would come first. */

enum { NO_EXTERNAL_BUFFERS_ALLOWED = 22 }; /* napi_no_external_buffers_allowed, js_native_api_types.h */

int nope_create_external_arraybuffer(void) { return NO_EXTERNAL_BUFFERS_ALLOWED; }
int nope_create_external_buffer(void) { return NO_EXTERNAL_BUFFERS_ALLOWED; }
int nope_api_create_external_sharedarraybuffer(void) { return NO_EXTERNAL_BUFFERS_ALLOWED; }

void *napi_register_module_v1(void *env, void *exports) {
  (void)env;
  return exports;
}
