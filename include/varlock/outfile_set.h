/*
 * Finished outputs that get their names together or not at all, although a file system
 * names one file at a time.
 *
 * While a set is named, `<target>.before` stands beside every target: the file that stood
 * there, under a second name, or an empty file where none did.  It is created
 * exclusively, so that of two runs for one target one is refused; and after a SIGKILL or
 * a loss of power between two names the earlier files are still there.  Signals that end
 * the process are held off meanwhile (varlock/ending.h).
 */
#ifndef VARLOCK_OUTFILE_SET_H
#define VARLOCK_OUTFILE_SET_H

#include "varlock/outfile.h"

enum { VL_OUTFILE_SET_MAX = 3 };

/* Zero-initialised: empty. */
struct vl_outfile_set {
    struct vl_outfile *v[VL_OUTFILE_SET_MAX]; /* the caller's, in the order of naming */
    size_t n;
    bool is_named; /* and neither settled nor undone */
};

/* NULL is passed over. */
void vl_outfile_set_add(struct vl_outfile_set *set, struct vl_outfile *out);

/* fsyncs all files, then gives them their names in their order, each name synced before
 * the next.  On failure the set is as if nothing had happened: what was named is removed,
 * and what stood there stands there again.  On success signals stay held off until
 * the set is settled or undone, which the caller must do. */
VL_MUST_CHECK
int vl_outfile_set_name(struct vl_outfile_set *set, struct vl_error *err);

/* Removes what stood there before.  Where that fails (VL_ERR_IO) the new files are in
 * place all the same. */
VL_MUST_CHECK
int vl_outfile_set_settle(struct vl_outfile_set *set, struct vl_error *err);

/* Takes the names back.  Nothing where the set is not named. */
void vl_outfile_set_undo(struct vl_outfile_set *set);

/* _name and _settle. */
VL_MUST_CHECK
int vl_outfile_set_commit(struct vl_outfile_set *set, struct vl_error *err);

/* Whether a run that was killed left an earlier file of `path` behind, not the one that
 * stands there now; appends its name. */
bool vl_outfile_find_before(const char *path, struct vl_buf *name);

#endif
