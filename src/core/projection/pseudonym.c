#include "projection/pseudonym.h"

#include <ctype.h>

#include "record/tags.h"

void read_group_put_pseudonym(int number, struct vl_buf *out)
{
    vl_buf_add(out, "rg", 2);
    vl_buf_add_number(out, (uint64_t)number + 1);
    vl_buf_add_byte(out, 0);
}

bool tag_put_read_group(const struct tag *tag, const struct vl_names *groups,
                        struct vl_buf *out)
{
    int number = tag->type == 'Z' ? vl_names_find(groups, (const char *)tag->value) : -1;
    if (number < 0)
        return false;
    vl_buf_add(out, "RGZ", 3);
    read_group_put_pseudonym(number, out);
    return true;
}

int read_group_of_pseudonym(const uint8_t *value, size_t n_groups)
{
    if (value[0] != 'r' || value[1] != 'g' || !isdigit(value[2]) || value[2] == '0')
        return -1;
    uint64_t number = 0;
    for (value += 2; isdigit(*value) && number <= n_groups; value++)
        number = number * 10 + (uint64_t)(*value - '0');
    return *value == '\0' && number <= n_groups ? (int)number - 1 : -1;
}

int read_group_of(const bam1_t *b, const struct vl_names *groups)
{
    struct tag rg;
    return tag_find(b, "RG", &rg) && rg.type == 'Z'
               ? vl_names_find(groups, (const char *)rg.value)
               : -1;
}
