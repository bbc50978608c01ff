#include "vcf/vcf_variant.h"

#include <string.h>

int vcf_variant_set(struct vcf_variant *variant, bcf1_t *record)
{
    if (bcf_unpack(record, BCF_UN_STR) < 0)
        return -1;
    char **allele = record->d.allele;
    *variant = (struct vcf_variant){
        .rid = record->rid, .pos0 = record->pos, .ref = -1, .record = record};
    if (record->n_allele > 0)
        variant->ref = vcf_base(allele[0], strlen(allele[0]));
    for (int i = 1; i < (int)record->n_allele; i++)
        vcf_add_alt(variant, vcf_base(allele[i], strlen(allele[i])));
    return 0;
}
