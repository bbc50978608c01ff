#include "vcf/vcf_position.h"

enum vcf_joined vcf_position_join(struct vcf_position *position,
                                  const struct vcf_variant *variant)
{
    if (position->ref >= 0 && position->ref != variant->ref)
        return VCF_OTHER_REF;
    if (variant->repeats || variant->alts & position->alts)
        return VCF_DUPLICATE;
    for (int b = 0; b < 4; b++)
        position->alt_count[b] += variant->alt_count[b];
    position->ref = variant->ref;
    position->alts |= variant->alts;
    position->ac_sum += variant->ac_sum;
    if (variant->an > position->an)
        position->an = variant->an;
    return position->n_lines++ == 0 ? VCF_JOINED_FIRST : VCF_JOINED;
}

bool vcf_position_is_over(const struct vcf_position *position)
{
    return position->ac_sum > position->an;
}

struct vl_site vcf_position_site(const struct vcf_position *position)
{
    struct vl_site site = {.pos0 = position->pos0, .ref = (uint8_t)position->ref};
    /* The counts fit into 31 bits: a base is counted from one line only, and the total is
     * that of one line. */
    for (int b = 0; b < 4; b++)
        site.count[b] = (uint32_t)position->alt_count[b];
    site.count[position->ref] =
        vcf_position_is_over(position) ? 0 : (uint32_t)(position->an - position->ac_sum);
    return site;
}
