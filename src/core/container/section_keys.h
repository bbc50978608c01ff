/*
 * Keys of a BDIFF's sections, and the associated data that binds a section to its file
 * (bdiff.md §3).  A name says what a key is for: `section_keys` are the keys of a file's
 * sections, `mask_key` is the masking key, `struct vl_key` is a person's key, and
 * `operation_keys` reads the key files that a command is given.
 */
#ifndef VARLOCK_CORE_SECTION_KEYS_H
#define VARLOCK_CORE_SECTION_KEYS_H

#include "varlock/bdiff.h"
#include "varlock/error.h"
#include "varlock/key.h"
#include "varlock/seal.h"

struct section_keys {
    uint8_t seal[VL_SEAL_KEY_BYTES];
    uint8_t envelope_mac[VL_MAC_BYTES];
    uint8_t trailer_mac[VL_MAC_BYTES];
};

/* Derives the keys from the file's secret and id. */
VL_MUST_CHECK
int section_keys_derive(struct section_keys *keys,
                        const uint8_t secret[static VL_SECRET_BYTES],
                        const uint8_t id[static VL_BDIFF_ID_BYTES], struct vl_error *err);

/* Returns how a secret is wrapped under the key: VL_WRAP_* (bdiff.md §2.1). */
uint16_t wrap_algorithm(const struct vl_key *key);

/* Appends a section's associated data.  `entry` is the window's index entry, NULL for
 * other sections. */
void section_put_context(struct vl_buf *out, const uint8_t id[static VL_BDIFF_ID_BYTES],
                         enum vl_bdiff_section section, uint64_t ordinal,
                         const struct vl_bdiff_entry *entry);

#endif
