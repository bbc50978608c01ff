#include "alignment/alignment_index.h"

#include <string.h>

#include "alignment/alignment_output.h"
#include "crypt4gh/c4gh_file.h"

int alignment_index_put_path(const struct vl_output *options, struct vl_buf *path)
{
    vl_buf_addf(path, "%s.%s%s%c", options->path,
                alignment_output_is_cram(options) ? "crai" : "csi",
                alignment_output_is_encrypted(options) ? ".c4gh" : "", '\0');
    return path->failed ? VL_ERR_MEMORY : 0;
}

int alignment_index_open(struct alignment_index *index, const struct vl_output *options,
                         mode_t mode, unsigned rules, struct vl_error *err)
{
    struct vl_buf path = VL_BUF_INIT;
    *index = (struct alignment_index){0};
    int rc = alignment_index_put_path(options, &path) < 0
                 ? vl_error_memory(err)
                 : vl_outfile_open(&index->file, (char *)path.data, mode,
                                   rules | VL_OUTFILE_NO_PIPE, err);
    if (rc == 0 && alignment_output_is_encrypted(options))
        rc = memory_file_open(&index->memory, err);
    vl_buf_clear(&path);
    if (rc < 0)
        alignment_index_close(index);
    return rc;
}

const char *alignment_index_name(const struct alignment_index *index)
{
    return index->memory ? index->memory->name : vl_outfile_temporary(index->file);
}

int alignment_index_finish(struct alignment_index *index,
                           const struct c4gh_readers *readers, struct vl_error *err)
{
    struct c4gh_writer *writer = NULL;
    struct vl_buf header = VL_BUF_INIT;
    if (!index->memory)
        return 0;
    const struct vl_buf *bytes = &index->memory->bytes;
    int rc = c4gh_writer_open(&writer, readers, NULL, &header, c4gh_file_put, index->file,
                              err);
    if (rc == 0)
        rc = vl_outfile_write(index->file, header.data, header.len, err);
    if (rc == 0)
        rc = c4gh_writer_write(writer, bytes->data, bytes->len, err);
    if (rc == 0)
        rc = c4gh_writer_finish(writer, err);
    c4gh_writer_free(writer);
    vl_buf_clear(&header);
    return rc;
}

void alignment_index_close(struct alignment_index *index)
{
    memory_file_free(index->memory);
    vl_outfile_free(index->file);
    *index = (struct alignment_index){0};
}
