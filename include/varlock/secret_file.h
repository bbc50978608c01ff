/* Files that hold secrets: whether others can read them. */
#ifndef VARLOCK_SECRET_FILE_H
#define VARLOCK_SECRET_FILE_H

/* Returns the permission bits of a regular file that its group or everybody may read.
 * Returns 0 for a file that they may not read, and for anything else (pipes, files that
 * do not exist). */
unsigned vl_secret_file_exposure(const char *path);

#endif
