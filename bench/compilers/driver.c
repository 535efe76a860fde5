// A Vulkan driver in front of one of Mesa's, for a GPU that is not there. It lets Mesa compile compute pipelines and writes
// down what came of each; all that would run on the GPU is answered as done.
//
// FOVEA_DRIVER     path of Mesa's driver
// FOVEA_PIPELINES  file to which each pipeline adds a line of JSON: statistics, subgroup and workgroup size, assembly
// FOVEA_SUBGROUP   a subgroup size in place of the one that Dawn requires; 0 leaves it to Mesa
//
// Built by tools/gpu-compilers.mjs. The loader asks a driver for functions by name, so this one hands out its own for a few
// names and Mesa's for the rest.

#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vulkan/vulkan.h>

#define EXPORT __attribute__((visibility("default")))
#define LOOK_UP(device, name) ((PFN_##name)mesa_device_proc(device, #name))

static PFN_vkGetInstanceProcAddr mesa_instance_proc;
static PFN_vkGetDeviceProcAddr mesa_device_proc;
static PFN_vkCreateDevice mesa_create_device;
static PFN_vkCreateShaderModule mesa_create_module;
static PFN_vkCreateComputePipelines mesa_create_pipelines;
static PFN_vkGetPipelineExecutablePropertiesKHR pipeline_properties;
static PFN_vkGetPipelineExecutableStatisticsKHR pipeline_statistics;
static PFN_vkGetPipelineExecutableInternalRepresentationsKHR pipeline_representations;
static void *mesa;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *mesa_symbol(const char *name) {
  if (!mesa) mesa = dlopen(getenv("FOVEA_DRIVER"), RTLD_NOW | RTLD_LOCAL);
  if (!mesa) {
    fprintf(stderr, "FOVEA_DRIVER: %s\n", dlerror());
    exit(1);
  }
  return dlsym(mesa, name);
}

// Shader modules: Dawn destroys one after its pipeline is made, so the latest few are enough.

enum { MODULES_KEPT = 256 };
typedef struct {
  VkShaderModule handle;
  uint32_t *words;
  size_t count;
} Module;
static Module modules[MODULES_KEPT];
static unsigned modules_made;

static VkResult create_module(VkDevice device, const VkShaderModuleCreateInfo *info, const VkAllocationCallbacks *allocator,
                              VkShaderModule *made) {
  VkResult result = mesa_create_module(device, info, allocator, made);
  if (result != VK_SUCCESS) return result;
  pthread_mutex_lock(&lock);
  Module *slot = &modules[modules_made++ % MODULES_KEPT];
  free(slot->words);
  *slot = (Module){*made, malloc(info->codeSize), info->codeSize / 4};
  memcpy(slot->words, info->pCode, info->codeSize);
  pthread_mutex_unlock(&lock);
  return result;
}

// A handle may be used again: the latest module counts.
static Module find_module(const VkPipelineShaderStageCreateInfo *stage) {
  for (const VkBaseInStructure *link = stage->pNext; link; link = link->pNext) {
    if (link->sType != VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO) continue;
    const VkShaderModuleCreateInfo *info = (const void *)link;
    return (Module){0, (uint32_t *)info->pCode, info->codeSize / 4};
  }
  for (unsigned age = 1; age <= MODULES_KEPT && age <= modules_made; age++) {
    Module *slot = &modules[(modules_made - age) % MODULES_KEPT];
    if (slot->handle == stage->module) return *slot;
  }
  return (Module){0};
}

// The workgroup size stands in SPIR-V as an execution mode, where Dawn has put the overrides' values in.
static void write_workgroup(FILE *out, Module module) {
  enum { HEADER_WORDS = 5, OP_EXECUTION_MODE = 16, LOCAL_SIZE = 17 };
  for (size_t at = HEADER_WORDS; at < module.count;) {
    uint32_t length = module.words[at] >> 16, opcode = module.words[at] & 0xffff;
    if (opcode == OP_EXECUTION_MODE && module.words[at + 2] == LOCAL_SIZE)
      fprintf(out, ",\"workgroup\":[%u,%u,%u]", module.words[at + 3], module.words[at + 4], module.words[at + 5]);
    if (length == 0) return;
    at += length;
  }
}

static void write_string(FILE *out, const char *text) {
  fputc('"', out);
  for (const char *c = text; *c; c++) {
    if (*c == '"' || *c == '\\') fprintf(out, "\\%c", *c);
    else if ((unsigned char)*c < ' ') fprintf(out, "\\u%04x", *c);
    else fputc(*c, out);
  }
  fputc('"', out);
}

static void write_statistics(FILE *out, VkDevice device, const VkPipelineExecutableInfoKHR *executable) {
  uint32_t count = 0;
  pipeline_statistics(device, executable, &count, NULL);
  VkPipelineExecutableStatisticKHR *list = calloc(count, sizeof *list);
  for (uint32_t i = 0; i < count; i++) list[i].sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_STATISTIC_KHR;
  pipeline_statistics(device, executable, &count, list);
  fputs("\"statistics\":{", out);
  for (uint32_t i = 0; i < count; i++) {
    if (i > 0) fputc(',', out);
    write_string(out, list[i].name);
    if (list[i].format == VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_FLOAT64_KHR) fprintf(out, ":%g", list[i].value.f64);
    else fprintf(out, ":%llu", (unsigned long long)list[i].value.u64);
  }
  fputc('}', out);
  free(list);
}

// Beside the assembly there are Mesa's intermediate forms, which nobody asked for.
static void write_assembly(FILE *out, VkDevice device, const VkPipelineExecutableInfoKHR *executable) {
  uint32_t count = 0;
  pipeline_representations(device, executable, &count, NULL);
  VkPipelineExecutableInternalRepresentationKHR *list = calloc(count, sizeof *list);
  for (uint32_t i = 0; i < count; i++) list[i].sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INTERNAL_REPRESENTATION_KHR;
  // The first call says how long each text is, the second writes it.
  pipeline_representations(device, executable, &count, list);
  for (uint32_t i = 0; i < count; i++) list[i].pData = calloc(list[i].dataSize + 1, 1);
  pipeline_representations(device, executable, &count, list);
  const char *assembly = "";
  for (uint32_t i = 0; i < count; i++)
    if (strstr(list[i].name, "Assembly")) assembly = list[i].pData;
  fputs(",\"assembly\":", out);
  write_string(out, assembly);
  for (uint32_t i = 0; i < count; i++) free(list[i].pData);
  free(list);
}

static void write_pipeline(VkDevice device, VkPipeline pipeline, const VkPipelineShaderStageCreateInfo *stage) {
  const char *path = getenv("FOVEA_PIPELINES");
  if (!path || !pipeline_statistics) return;
  pthread_mutex_lock(&lock);
  FILE *out = fopen(path, "a");
  if (out) {
    VkPipelineInfoKHR which = {VK_STRUCTURE_TYPE_PIPELINE_INFO_KHR, NULL, pipeline};
    VkPipelineExecutableInfoKHR first = {VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INFO_KHR, NULL, pipeline, 0};
    VkPipelineExecutablePropertiesKHR properties = {VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_PROPERTIES_KHR};
    uint32_t one = 1;
    pipeline_properties(device, &which, &one, &properties);
    fputc('{', out);
    write_statistics(out, device, &first);
    fprintf(out, ",\"subgroup\":%u", properties.subgroupSize);
    write_workgroup(out, find_module(stage));
    write_assembly(out, device, &first);
    fputs("}\n", out);
    fclose(out);
  }
  pthread_mutex_unlock(&lock);
}

// Changes or takes out the subgroup size that a stage requires, in the chain of structures that Dawn made for this call.
static void override_subgroup(VkPipelineShaderStageCreateInfo *stage, unsigned size) {
  for (const void **link = &stage->pNext; *link; link = (const void **)&((VkBaseOutStructure *)*link)->pNext) {
    VkPipelineShaderStageRequiredSubgroupSizeCreateInfo *required = (void *)*link;
    if (required->sType != VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO) continue;
    if (size > 0) required->requiredSubgroupSize = size;
    else *link = required->pNext;
    return;
  }
}

static VkResult create_pipelines(VkDevice device, VkPipelineCache cache, uint32_t count, const VkComputePipelineCreateInfo *infos,
                                 const VkAllocationCallbacks *allocator, VkPipeline *made) {
  const char *subgroup = getenv("FOVEA_SUBGROUP");
  VkComputePipelineCreateInfo *own = malloc(count * sizeof *own);
  memcpy(own, infos, count * sizeof *own);
  for (uint32_t i = 0; i < count; i++) {
    own[i].flags |= VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR | VK_PIPELINE_CREATE_CAPTURE_INTERNAL_REPRESENTATIONS_BIT_KHR;
    if (subgroup) override_subgroup(&own[i].stage, atoi(subgroup));
  }
  // A pipeline that comes from a cache has no representations.
  (void)cache;
  VkResult result = mesa_create_pipelines(device, VK_NULL_HANDLE, count, own, allocator, made);
  for (uint32_t i = 0; i < count && result == VK_SUCCESS; i++) write_pipeline(device, made[i], &infos[i].stage);
  free(own);
  return result;
}

// Adds the extension that tells of pipelines.
static VkResult create_device(VkPhysicalDevice gpu, const VkDeviceCreateInfo *info, const VkAllocationCallbacks *allocator,
                              VkDevice *made) {
  VkPhysicalDevicePipelineExecutablePropertiesFeaturesKHR feature = {
    VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PIPELINE_EXECUTABLE_PROPERTIES_FEATURES_KHR, (void *)info->pNext, VK_TRUE};
  uint32_t count = info->enabledExtensionCount;
  const char **names = malloc((count + 1) * sizeof *names);
  memcpy(names, info->ppEnabledExtensionNames, count * sizeof *names);
  names[count] = VK_KHR_PIPELINE_EXECUTABLE_PROPERTIES_EXTENSION_NAME;
  VkDeviceCreateInfo own = *info;
  own.pNext = &feature;
  own.enabledExtensionCount = count + 1;
  own.ppEnabledExtensionNames = names;
  VkResult result = mesa_create_device(gpu, &own, allocator, made);
  free(names);
  if (result != VK_SUCCESS) return result;
  pipeline_properties = LOOK_UP(*made, vkGetPipelineExecutablePropertiesKHR);
  pipeline_statistics = LOOK_UP(*made, vkGetPipelineExecutableStatisticsKHR);
  pipeline_representations = LOOK_UP(*made, vkGetPipelineExecutableInternalRepresentationsKHR);
  return result;
}

// Every command, and every call that hands work to the GPU or waits for it: VK_SUCCESS at once, whatever the arguments.
static uint64_t do_nothing(void) { return 0; }

static int runs_on_gpu(const char *name) {
  static const char *const names[] = {
    "vkBeginCommandBuffer", "vkEndCommandBuffer", "vkResetCommandBuffer", "vkResetCommandPool", "vkQueueSubmit", "vkQueueSubmit2",
    "vkQueueSubmit2KHR", "vkQueueWaitIdle", "vkDeviceWaitIdle", "vkWaitForFences", "vkGetFenceStatus", "vkResetFences",
    "vkGetQueryPoolResults"};
  if (strncmp(name, "vkCmd", 5) == 0) return 1;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(name, names[i]) == 0) return 1;
  return 0;
}

static PFN_vkVoidFunction device_proc(VkDevice device, const char *name);

static PFN_vkVoidFunction own_or(const char *name, PFN_vkVoidFunction function) {
  if (!function) return NULL;
  if (runs_on_gpu(name)) return (PFN_vkVoidFunction)do_nothing;
#define OWN(vk, own, kept)                                             \
  if (strcmp(name, #vk) == 0) {                                        \
    kept = (PFN_##vk)function;                                         \
    return (PFN_vkVoidFunction)own;                                    \
  }
  OWN(vkCreateDevice, create_device, mesa_create_device)
  OWN(vkCreateShaderModule, create_module, mesa_create_module)
  OWN(vkCreateComputePipelines, create_pipelines, mesa_create_pipelines)
  OWN(vkGetDeviceProcAddr, device_proc, mesa_device_proc)
#undef OWN
  return function;
}

static PFN_vkVoidFunction device_proc(VkDevice device, const char *name) {
  return own_or(name, mesa_device_proc(device, name));
}

// What a driver exports to the loader.

EXPORT PFN_vkVoidFunction vk_icdGetInstanceProcAddr(VkInstance instance, const char *name) {
  if (!mesa_instance_proc) mesa_instance_proc = mesa_symbol("vk_icdGetInstanceProcAddr");
  return own_or(name, mesa_instance_proc(instance, name));
}

EXPORT PFN_vkVoidFunction vk_icdGetPhysicalDeviceProcAddr(VkInstance instance, const char *name) {
  PFN_vkGetInstanceProcAddr find = mesa_symbol("vk_icdGetPhysicalDeviceProcAddr");
  return find ? own_or(name, find(instance, name)) : NULL;
}

EXPORT VkResult vk_icdNegotiateLoaderICDInterfaceVersion(uint32_t *version) {
  VkResult (*negotiate)(uint32_t *) = mesa_symbol("vk_icdNegotiateLoaderICDInterfaceVersion");
  return negotiate(version);
}
