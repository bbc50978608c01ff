#include "window/record_array.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "record/record.h"
#include "varlock/buf.h"

struct record_chunk {
    uint8_t *bytes; /* owned */
    size_t used, size;
};

enum { CHUNK_BYTES = 1 << 21 }; /* a huge page on most machines */

static bool is_packed(bam1_t *b)
{
    return bam_get_mempolicy(b) & BAM_USER_OWNS_DATA;
}

static void unpack(bam1_t *b)
{
    b->data = NULL;
    b->m_data = 0;
    b->l_data = 0;
    bam_set_mempolicy(b, 0);
}

bam1_t *record_array_add(struct record_array *array)
{
    if (array->n == array->cap) {
        size_t cap = array->cap ? 2 * array->cap : 64;
        bam1_t **v = realloc(array->v, cap * sizeof *v);
        if (!v)
            return NULL;
        array->v = v;
        for (; array->cap < cap; array->cap++)
            if (!(v[array->cap] = bam_init1()))
                break;
        if (array->n == array->cap)
            return NULL;
    }
    bam1_t *b = array->v[array->n++];
    if (is_packed(b))
        unpack(b);
    return b;
}

/* Windows are larger than what the TLB covers with small pages. */
static uint8_t *allocate_page(void)
{
    uint8_t *bytes = aligned_alloc(CHUNK_BYTES, CHUNK_BYTES);
#ifdef MADV_HUGEPAGE
    if (bytes)
        madvise(bytes, CHUNK_BYTES, MADV_HUGEPAGE);
#endif
    return bytes;
}

static int add_chunk(struct record_array *array, size_t n)
{
    struct record_chunk *v =
        vl_array_grow(array->chunks, array->n_chunks, &array->cap_chunks, sizeof *v);
    if (!v)
        return VL_ERR_MEMORY;
    array->chunks = v;
    size_t size = n > CHUNK_BYTES ? n : CHUNK_BYTES;
    uint8_t *bytes = size > CHUNK_BYTES ? malloc(size) : allocate_page();
    if (!bytes)
        return VL_ERR_MEMORY;
    v[array->n_chunks++] = (struct record_chunk){.bytes = bytes, .size = size};
    return 0;
}

/* n bytes of chunk memory, aligned for CIGARs. */
static uint8_t *take_bytes(struct record_array *array, size_t n)
{
    n = (n + 7) / 8 * 8;
    while (array->chunk < array->n_chunks &&
           array->chunks[array->chunk].size - array->chunks[array->chunk].used < n)
        array->chunk++;
    if (array->chunk == array->n_chunks && add_chunk(array, n) < 0)
        return NULL;
    struct record_chunk *chunk = &array->chunks[array->chunk];
    chunk->used += n;
    return chunk->bytes + chunk->used - n;
}

/* Fetches the memory of the next record, of about n bytes, which is to be written. */
static void prefetch_free(const struct record_array *array, size_t n)
{
    enum { LINE = 64, MOST = 1024 };
    const struct record_chunk *chunk = &array->chunks[array->chunk];
    size_t left = chunk->size - chunk->used;
    n = n < MOST ? n : MOST;
    for (size_t at = 0; at < n && at < left; at += LINE)
        __builtin_prefetch(chunk->bytes + chunk->used + at, 1);
    if (array->n < array->cap)
        __builtin_prefetch(array->v[array->n], 1);
}

const bam1_t *record_array_copy(struct record_array *array, const bam1_t *b)
{
    uint8_t *data = take_bytes(array, (size_t)b->l_data);
    bam1_t *to = data ? record_array_add(array) : NULL;
    if (!to)
        return NULL;
    free(to->data);
    memcpy(data, b->data, (size_t)b->l_data);
    prefetch_free(array, (size_t)b->l_data);
    *to = *b;
    to->data = data;
    to->m_data = (uint32_t)b->l_data;
    bam_set_mempolicy(to, BAM_USER_OWNS_DATA);
    return to;
}

void record_array_reset(struct record_array *array)
{
    for (size_t i = 0; i < array->n; i++)
        if (!is_packed(array->v[i]))
            record_trim(array->v[i]);
    size_t kept = 0;
    for (size_t i = 0; i < array->n_chunks; i++) {
        struct record_chunk *chunk = &array->chunks[i];
        chunk->used = 0;
        if (chunk->size > CHUNK_BYTES)
            free(chunk->bytes);
        else
            array->chunks[kept++] = *chunk;
    }
    array->n_chunks = kept;
    array->chunk = 0;
    array->n = 0;
}

void record_array_clear(struct record_array *array)
{
    for (size_t i = 0; i < array->cap; i++)
        bam_destroy1(array->v[i]);
    free(array->v);
    for (size_t i = 0; i < array->n_chunks; i++)
        free(array->chunks[i].bytes);
    free(array->chunks);
    memset(array, 0, sizeof *array);
}
