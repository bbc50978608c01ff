/*
 * Finished outputs that get their names together or not at all, although a file system
 * can name only one file at a time.
 *
 * While a set is named, a file `<target>.before` stands beside every target.  It is the
 * file that had the target's name, under a second name, or an empty file where there was
 * none.  It is created exclusively, so that one of two runs with one target is refused.
 * After a SIGKILL or a loss of power between two names the earlier files are still there.
 * Signals that end the process are held off while a set is named (varlock/ending.h).
 */
#ifndef VARLOCK_OUTFILE_SET_H
#define VARLOCK_OUTFILE_SET_H

#include "varlock/outfile.h"

enum { VL_OUTFILE_SET_MAX = 3 };

/* A set that is initialised with zeros is empty. */
struct vl_outfile_set {
    struct vl_outfile
        *v[VL_OUTFILE_SET_MAX]; /* owned by the caller; in the order of naming */
    size_t n;
    bool is_named; /* named, but not yet settled or undone */
};

/* Adds an output to the set; ignores NULL. */
void vl_outfile_set_add(struct vl_outfile_set *set, struct vl_outfile *out);

/* Calls fsync on all files, then gives them their names in the order of the set.  Each
 * name is synced before the next is given.  On failure everything is as before the call:
 * the new names are removed, and the old files have their names again.  On success
 * signals stay held off until the set is settled or undone, so the caller must do one of
 * these. */
VL_MUST_CHECK
int vl_outfile_set_name(struct vl_outfile_set *set, struct vl_error *err);

/* Removes the old files that the set replaced.  Where that fails (VL_ERR_IO), the new
 * files are in place all the same. */
VL_MUST_CHECK
int vl_outfile_set_settle(struct vl_outfile_set *set, struct vl_error *err);

/* Takes the names back.  Does nothing where the set is not named. */
void vl_outfile_set_undo(struct vl_outfile_set *set);

/* Calls vl_outfile_set_name, then vl_outfile_set_settle. */
VL_MUST_CHECK
int vl_outfile_set_commit(struct vl_outfile_set *set, struct vl_error *err);

/* Whether a run that was killed left an earlier file of `path` behind, other than the
 * file that is there now.  Appends the name of the earlier file. */
bool vl_outfile_find_before(const char *path, struct vl_buf *name);

#endif
