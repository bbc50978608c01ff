/* The genotypes at the sites, as text. */
#ifndef VARLOCK_AUDIT_GENOTYPE_TABLE_H
#define VARLOCK_AUDIT_GENOTYPE_TABLE_H

#include "site_calls.h"

struct genotype_table;

VL_MUST_CHECK
int genotype_table_open(struct genotype_table **table, const char *path,
                        const struct vl_contigs *contigs, struct vl_error *err);
VL_MUST_CHECK
int genotype_table_add(struct genotype_table *table, const struct site_call *call,
                       struct vl_error *err);

/* Gives the file its name. */
VL_MUST_CHECK
int genotype_table_finish(struct genotype_table *table, struct vl_error *err);

void genotype_table_free(struct genotype_table *table);

#endif
