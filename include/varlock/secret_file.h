/* Files that hold secrets: who else can read them. */
#ifndef VARLOCK_SECRET_FILE_H
#define VARLOCK_SECRET_FILE_H

/* The permission bits of a regular file, where they let its group or everybody read it;
 * 0 where they do not, and for anything else (pipes, files that are not there). */
unsigned vl_secret_file_exposure(const char *path);

#endif
