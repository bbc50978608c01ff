#include "edwards.h"

#include <openssl/bn.h>
#include <string.h>

#include "openssl_failure.h"

/* Numbers modulo p = 2^255 - 19.  All are public: nothing here needs constant time. */
struct field {
    BN_CTX *ctx;
    BIGNUM *p, *y, *t, *v, *w, *u;
};

static bool field_open(struct field *f)
{
    f->ctx = BN_CTX_new();
    if (!f->ctx)
        return false;
    BN_CTX_start(f->ctx);
    f->p = BN_CTX_get(f->ctx);
    f->y = BN_CTX_get(f->ctx);
    f->t = BN_CTX_get(f->ctx);
    f->v = BN_CTX_get(f->ctx);
    f->w = BN_CTX_get(f->ctx);
    f->u = BN_CTX_get(f->ctx);
    return f->u && BN_one(f->p) && BN_lshift(f->p, f->p, 255) && BN_sub_word(f->p, 19);
}

static void field_close(struct field *f)
{
    if (!f->ctx)
        return;
    BN_CTX_end(f->ctx);
    BN_CTX_free(f->ctx);
}

/* Whether y has an x: x^2 = (y^2 - 1) / (d y^2 + 1) with d = -121665 / 121666 (RFC 8032
 * §5.1).  Multiplied by a square, that is (y^2 - 1)(d y^2 + 1), and by 121666 for d. */
static bool has_x(struct field *f, bool *found)
{
    bool done = BN_mod_sqr(f->t, f->y, f->p, f->ctx) &&
                /* v = 121666 (d y^2 + 1) = 121666 - 121665 y^2 */
                BN_copy(f->v, f->t) && BN_mul_word(f->v, 121665) &&
                BN_set_word(f->w, 121666) && BN_mod_sub(f->v, f->w, f->v, f->p, f->ctx) &&
                BN_sub_word(f->t, 1) && BN_mod_mul(f->t, f->t, f->v, f->p, f->ctx) &&
                BN_mod_mul(f->t, f->t, f->w, f->p, f->ctx);
    int symbol = done ? BN_kronecker(f->t, f->p, f->ctx) : -2;
    *found = symbol >= 0;
    return symbol != -2;
}

static bool compute(struct field *f, uint8_t u[static 32], bool *usable)
{
    *usable = false;
    if (BN_cmp(f->y, f->p) >= 0 || BN_is_one(f->y))
        return true;
    if (!BN_copy(f->t, f->y) || !BN_add_word(f->t, 1))
        return false;
    if (BN_cmp(f->t, f->p) == 0)
        return true;
    if (!has_x(f, usable))
        return false;
    if (!*usable)
        return true;
    return BN_set_word(f->w, 1) && BN_mod_sub(f->v, f->w, f->y, f->p, f->ctx) &&
           BN_mod_inverse(f->v, f->v, f->p, f->ctx) &&
           BN_mod_add(f->t, f->w, f->y, f->p, f->ctx) &&
           BN_mod_mul(f->u, f->t, f->v, f->p, f->ctx) &&
           BN_bn2lebinpad(f->u, u, 32) == 32;
}

int edwards_to_montgomery(const uint8_t key[static 32], uint8_t u[static 32],
                          bool *usable, struct vl_error *err)
{
    struct field f = {0};
    uint8_t y[32];
    memcpy(y, key, sizeof y);
    y[31] &= 0x7f; /* the other bit is the sign of x, and u has none */
    *usable = false;
    int rc = 0;
    if (!field_open(&f) || !BN_lebin2bn(y, sizeof y, f.y) || !compute(&f, u, usable))
        rc = openssl_failure(err, "arithmetic of Ed25519");
    field_close(&f);
    return rc;
}
