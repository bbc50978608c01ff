#include "run/bdiff_keys.h"

#include <stdlib.h>
#include <string.h>

#include "run/operation_keys.h"
#include "run/report.h"
#include "varlock/buf.h"

struct candidate {
    const char *path;
    struct vl_key_file *file;
    struct vl_key *key; /* what is readable of it so far; NULL: nothing */
    enum bdiff_fit fit; /* of `key` */
    char *refusal;      /* why the key was not unlocked; NULL: it was, or was not tried */
};

struct search {
    const char *path; /* of the BDIFF */
    const struct vl_hooks *hooks;
    struct candidate *v;
    size_t n;
};

/* Reads all files, and what needs no passphrase. */
static int look(struct search *s, const struct vl_list *keys, struct vl_error *err)
{
    s->v = calloc(keys->n, sizeof *s->v);
    if (!s->v)
        return vl_error_memory(err);
    for (s->n = 0; s->n < keys->n; s->n++) {
        struct candidate *c = &s->v[s->n];
        c->path = keys->v[s->n];
        int rc = vl_key_file_open(&c->file, c->path, err);
        if (rc == 0)
            rc = vl_key_file_peek(c->file, &c->key, err);
        if (rc == 0 && c->key)
            rc = vl_bdiff_try_key(s->path, c->key, &c->fit, err);
        if (rc < 0) {
            s->n++;
            return rc;
        }
        operation_key_warn_exposed(c->path, "a private key", s->hooks);
    }
    return 0;
}

/* A wrong passphrase is no reason to leave the other keys aside. */
static int unlock(struct search *s, struct candidate *c, struct vl_error *err)
{
    struct vl_key *key = NULL;
    struct vl_error failure;
    int rc = vl_key_file_unlock(c->file, s->hooks->passphrase, s->hooks->passphrase_arg,
                                &key, &failure);
    if (rc == 0) {
        vl_key_free(c->key);
        c->key = key;
        return vl_bdiff_try_key(s->path, key, &c->fit, err);
    }
    if (rc != VL_ERR_KEY)
        return vl_error_set(err, rc, "%s", failure.message);
    c->refusal = strdup(failure.message);
    return c->refusal ? 0 : vl_error_memory(err);
}

/* Unlocks, one by one, the keys that may fit and are still locked, until one opens. */
static int find(struct search *s, struct candidate **found, struct vl_error *err)
{
    *found = NULL;
    for (size_t i = 0; i < s->n && !*found; i++)
        if (s->v[i].key && s->v[i].fit == BDIFF_OPENS)
            *found = &s->v[i];
    for (int with_hint = 1; with_hint >= 0; with_hint--)
        for (size_t i = 0; i < s->n && !*found; i++) {
            struct candidate *c = &s->v[i];
            bool is_wanted = with_hint ? c->key && c->fit == BDIFF_HAS_ENTRY : !c->key;
            if (!is_wanted || c->refusal)
                continue;
            int rc = unlock(s, c, err);
            if (rc < 0)
                return rc;
            if (c->key && c->fit == BDIFF_OPENS)
                *found = c;
        }
    return 0;
}

/* "x.bdiff: none of the 3 keys opens it: a.pem has no entry; the entry of b.pem is
 * broken; c.sec: wrong passphrase" */
static int refuse(const struct search *s, struct vl_error *err)
{
    struct vl_buf text = VL_BUF_INIT;
    bool any_broken = false;
    for (size_t i = 0; i < s->n; i++) {
        const struct candidate *c = &s->v[i];
        vl_buf_addf(&text, "%s", i > 0 ? "; " : "");
        if (c->refusal)
            vl_buf_addf(&text, "%s", c->refusal);
        else if (c->fit == BDIFF_BROKEN_ENTRY)
            vl_buf_addf(&text, "the entry of %s is broken", c->path);
        else
            vl_buf_addf(&text, "%s has no entry", c->path);
        any_broken |= !c->refusal && c->fit == BDIFF_BROKEN_ENTRY;
    }
    int rc = text.failed
                 ? vl_error_memory(err)
                 : vl_error_set(err, any_broken ? VL_ERR_SEAL : VL_ERR_KEY,
                                "%s: none of the %zu keys opens it: %.*s", s->path, s->n,
                                (int)text.len, (const char *)text.data);
    vl_buf_clear(&text);
    return rc;
}

static void clear(struct search *s)
{
    for (size_t i = 0; i < s->n; i++) {
        vl_key_file_free(s->v[i].file);
        vl_key_free(s->v[i].key);
        free(s->v[i].refusal);
    }
    free(s->v);
}

static int open_with_one(struct vl_bdiff_reader **reader, const char *path,
                         const char *key_path, const struct vl_hooks *hooks,
                         const struct vl_key *verifier, const char *verifier_path,
                         struct vl_error *err)
{
    struct vl_key *key = NULL;
    int rc = operation_key_read_private(key_path, hooks, &key, err);
    if (rc == 0)
        rc = vl_bdiff_reader_open(reader, path, key, key_path, verifier, verifier_path,
                                  err);
    vl_key_free(key);
    return rc;
}

int bdiff_open_with_keys(struct vl_bdiff_reader **reader, const char *path,
                         const struct vl_list *keys, const struct vl_hooks *hooks,
                         const struct vl_key *verifier, const char *verifier_path,
                         struct vl_error *err)
{
    *reader = NULL;
    if (keys->n == 1)
        return open_with_one(reader, path, keys->v[0], hooks, verifier, verifier_path,
                             err);
    struct search s = {.path = path, .hooks = hooks};
    struct candidate *found = NULL;
    int rc = look(&s, keys, err);
    if (rc == 0)
        rc = find(&s, &found, err);
    if (rc == 0 && !found)
        rc = refuse(&s, err);
    if (rc == 0)
        rc = vl_bdiff_reader_open(reader, path, found->key, found->path, verifier,
                                  verifier_path, err);
    if (rc == 0)
        hooks_note(hooks, "%s opens %s", found->path, path);
    clear(&s);
    return rc;
}
