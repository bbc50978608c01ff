#include "genotype_table.h"

#include <inttypes.h>
#include <stdlib.h>

#include "varlock/outfile.h"

enum { PIECE_BYTES = 1 << 16 };

struct genotype_table {
    const struct vl_contigs *contigs;
    struct vl_outfile *out;
    struct vl_buf text;
};

static int write_text(struct genotype_table *table, struct vl_error *err)
{
    int rc = table->text.failed
                 ? vl_error_memory(err)
                 : vl_outfile_write(table->out, table->text.data, table->text.len, err);
    vl_buf_reset(&table->text);
    return rc;
}

int genotype_table_open(struct genotype_table **table, const char *path,
                        const struct vl_contigs *contigs, struct vl_error *err)
{
    *table = calloc(1, sizeof **table);
    if (!*table)
        return vl_error_memory(err);
    (*table)->contigs = contigs;
    int rc = vl_outfile_open(&(*table)->out, path, 0666, VL_OUTFILE_REPLACES, err);
    if (rc < 0) {
        genotype_table_free(*table);
        *table = NULL;
        return rc;
    }
    vl_buf_addf(&(*table)->text, "#CONTIG\tPOS\tREF\tGENOTYPE\tGQ\tA\tC\tG\tT\n");
    return 0;
}

int genotype_table_add(struct genotype_table *table, const struct site_call *call,
                       struct vl_error *err)
{
    const struct genotype *g = &call->genotype;
    const uint32_t *n = call->pile.n;
    vl_buf_addf(&table->text,
                "%s\t%" PRId64 "\t%c\t%c/%c\t%d\t%" PRIu32 "\t%" PRIu32 "\t%" PRIu32
                "\t%" PRIu32 "\n",
                table->contigs->v[call->contig].name, call->site.pos0 + 1,
                "ACGT"[call->site.ref], "ACGT"[g->a], "ACGT"[g->b], g -> gq, n[0], n[1],
                n[2], n[3]);
    return table->text.len < PIECE_BYTES ? 0 : write_text(table, err);
}

int genotype_table_finish(struct genotype_table *table, struct vl_error *err)
{
    int rc = write_text(table, err);
    return rc < 0 ? rc : vl_outfile_commit(table->out, err);
}

void genotype_table_free(struct genotype_table *table)
{
    if (!table)
        return;
    vl_outfile_free(table->out);
    vl_buf_clear(&table->text);
    free(table);
}
