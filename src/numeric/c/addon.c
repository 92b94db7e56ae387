// The Node-API addon: `attach(memory)` once, then `run(program, words, registers, times)` and, where the machine has an
// instruction for it, `crc32(address, bytes)`, with addresses in that memory. It picks the widest instruction set of the
// machine.
#define NAPI_VERSION 8
#include <node_api.h>
#include <stdint.h>
#include <stdlib.h>
#ifdef HAS_AVX
#include "crc32.h"
#endif

typedef int (*Run)(uintptr_t memory, const int32_t *program, uint32_t words, uint32_t *registers, uint32_t times);

int run_plain(uintptr_t memory, const int32_t *program, uint32_t words, uint32_t *registers, uint32_t times);
const char *signature_plain(void);
#ifdef HAS_AVX
int run_avx2(uintptr_t memory, const int32_t *program, uint32_t words, uint32_t *registers, uint32_t times);
int run_avx512(uintptr_t memory, const int32_t *program, uint32_t words, uint32_t *registers, uint32_t times);
#endif

// Of one thread.
typedef struct {
  uintptr_t memory;
  Run run;
} Instance;

static const char *widest(Run *run) {
#ifdef HAS_AVX
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw")) {
    *run = run_avx512;
    return "AVX-512";
  }
  if (__builtin_cpu_supports("avx2")) {
    *run = run_avx2;
    return "AVX2";
  }
#endif
  *run = run_plain;
#ifdef __aarch64__
  return "NEON";
#else
  return "SSE2";
#endif
}

static napi_value attach(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value memory;
  Instance *instance;
  void *data;
  if (napi_get_cb_info(env, info, &count, &memory, NULL, NULL) != napi_ok ||
      napi_get_instance_data(env, (void **)&instance) != napi_ok ||
      napi_get_typedarray_info(env, memory, NULL, NULL, &data, NULL, NULL) != napi_ok) {
    napi_throw_type_error(env, NULL, "attach: expected a Uint8Array over the memory");
    return NULL;
  }
  instance->memory = (uintptr_t)data;
  return NULL;
}

static napi_value run_program(napi_env env, napi_callback_info info) {
  size_t count = 4;
  napi_value arguments[4];
  uint32_t program, words, registers, times;
  Instance *instance;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok ||
      napi_get_instance_data(env, (void **)&instance) != napi_ok || instance->memory == 0 ||
      napi_get_value_uint32(env, arguments[0], &program) != napi_ok ||
      napi_get_value_uint32(env, arguments[1], &words) != napi_ok ||
      napi_get_value_uint32(env, arguments[2], &registers) != napi_ok ||
      napi_get_value_uint32(env, arguments[3], &times) != napi_ok) {
    napi_throw_type_error(env, NULL, "run: expected four whole numbers, after attach");
    return NULL;
  }
  if (instance->run(instance->memory, (const int32_t *)(instance->memory + program), words,
                    (uint32_t *)(instance->memory + registers), times) != 0)
    napi_throw_error(env, NULL, "run: unknown instruction");
  return NULL;
}

#ifdef HAS_AVX
static napi_value checksum(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value arguments[2], result;
  uint32_t address, bytes;
  Instance *instance;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok ||
      napi_get_instance_data(env, (void **)&instance) != napi_ok || instance->memory == 0 ||
      napi_get_value_uint32(env, arguments[0], &address) != napi_ok ||
      napi_get_value_uint32(env, arguments[1], &bytes) != napi_ok ||
      napi_create_uint32(env, crc32_of((const uint8_t *)(instance->memory + address), bytes), &result) != napi_ok) {
    napi_throw_type_error(env, NULL, "crc32: expected two whole numbers, after attach");
    return NULL;
  }
  return result;
}
#endif

static void discard(napi_env env, void *instance, void *hint) {
  (void)env, (void)hint;
  free(instance);
}

static int export_function(napi_env env, napi_value exports, const char *name, napi_callback call) {
  napi_value function;
  return napi_create_function(env, name, NAPI_AUTO_LENGTH, call, NULL, &function) == napi_ok &&
         napi_set_named_property(env, exports, name, function) == napi_ok;
}

static int export_text(napi_env env, napi_value exports, const char *name, const char *text) {
  napi_value value;
  return napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value) == napi_ok &&
         napi_set_named_property(env, exports, name, value) == napi_ok;
}

NAPI_MODULE_INIT() {
  Instance *instance = calloc(1, sizeof *instance);
  const char *name = instance ? widest(&instance->run) : NULL;
  if (!instance || napi_set_instance_data(env, instance, discard, NULL) != napi_ok ||
      !export_function(env, exports, "attach", attach) || !export_function(env, exports, "run", run_program) ||
      !export_text(env, exports, "signature", signature_plain()) || !export_text(env, exports, "instructions", name))
    napi_throw_error(env, NULL, "the kernels could not be set up");
#ifdef HAS_AVX
  else if (__builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1") &&
           !export_function(env, exports, "crc32", checksum))
    napi_throw_error(env, NULL, "the checksum could not be set up");
#endif
  return exports;
}
