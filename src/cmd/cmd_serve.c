#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "varlock/fail.h"
#include "varlock/serve.h"

struct serve_args {
    struct serve_options o;
    bool open;
    char igv[4096]; /* path */
    struct cli *cli;
};

#define FIELD(field) offsetof(struct serve_args, o.field)

static const struct cli_option options[] = {
    {'d', "bdiff", "FILE", CLI_TEXT, FIELD(shown.bdiff), false, 0, 0,
     "restore what it grants; default: show the file as it is"},
    CLI_OPTION_KEYS(struct serve_args, o.shown.keys, false),
    CLI_OPTION_VERIFY(struct serve_args, o.shown.verify),
    {0, "c4gh-key", "FILE", CLI_LIST, FIELD(shown.c4gh_keys), false, 0, 0,
     "private key that opens an encrypted input; may be repeated"},
    CLI_OPTION_REFERENCE(struct serve_args, o.shown.reference),
    {0, "port", "N", CLI_NUMBER, FIELD(port), false, 0, 65535,
     "of 127.0.0.1; default: any that is free"},
    {0, "once", NULL, CLI_FLAG, FIELD(once), false, 0, 0,
     "end when the first client has no connection any more"},
    {0, "allow-origin", "ORIGIN", CLI_LIST, FIELD(origins), false, 0, 0,
     "let pages of http(s)://HOST[:PORT] read what is served; may be repeated"},
    {0, "backend", NULL, CLI_FLAG, FIELD(is_backend), false, 0, 0,
     "INPUT is a folder of Crypt4GH files, for an htsget server"},
    {0, "open", NULL, CLI_FLAG, offsetof(struct serve_args, open), false, 0, 0,
     "also serve a page that shows the reads with igv.js"},
    CLI_OPTION_PASSPHRASE,
    CLI_OPTIONS_END,
};

/* igv.js lies where `make install`, or `make igv` in the folder of the program, puts it.
 */
static int find_igv(struct serve_args *a, struct cli *cli, struct vl_error *err)
{
    static const char *const PLACES[] = {"../share/varlock/igv.min.js",
                                         "build/igv/igv.min.js"};
    ssize_t n = readlink("/proc/self/exe", a->igv, sizeof a->igv - 1);
    a->igv[n > 0 ? n : 0] = 0;
    char *name = strrchr(a->igv, '/');
    size_t room = sizeof a->igv - (name ? (size_t)(name + 1 - a->igv) : 0);
    (void)cli;
    for (size_t i = 0; name && i < sizeof PLACES / sizeof *PLACES; i++) {
        snprintf(name + 1, room, "%s", PLACES[i]);
        if (access(a->igv, R_OK) == 0) {
            a->o.igv = a->igv;
            return 0;
        }
    }
    return vl_error_set(err, VL_ERR_IO,
                        "--open needs igv.js, which is not here: `make igv` fetches it, "
                        "and `make install` takes it along");
}

static int tell(void *arg, const char *url, struct vl_error *err)
{
    struct serve_args *a = arg;
    if (url) {
        puts(url);
        return 0;
    }
    if (a->o.is_backend)
        cli_note(a->cli,
                 "warning: whoever knows the URL gets every file of %s that these keys "
                 "open, for a key of his own: tell it to the htsget server only",
                 a->cli->operand);
    return cli_flush_stdout(err);
}

static void log_line(void *arg, const char *line)
{
    (void)arg;
    fprintf(stderr, "%s\n", line);
}

/* An origin as browsers write it: no path, no name or password, no capitals. */
static bool is_origin(const char *text)
{
    const char *host = strncmp(text, "http://", 7) == 0    ? text + 7
                       : strncmp(text, "https://", 8) == 0 ? text + 8
                                                           : "";
    const size_t n = strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-");
    const char *port = host[n] == ':' ? host + n + 1 : "";
    const size_t digits = strspn(port, "0123456789");
    return n > 0 && (!host[n] || (digits > 0 && digits < 6 && !port[digits]));
}

static int check(struct cli *cli, const struct serve_args *a, struct vl_error *err)
{
    const struct serve_options *o = &a->o;
    struct stat st;
    if (!o->shown.bdiff != (o->shown.keys.n == 0) || (o->shown.verify && !o->shown.bdiff))
        return cli_usage(cli, err, "-d and -k go together; -V goes with them");
    if (o->is_backend && (o->shown.bdiff || a->open))
        return cli_usage(cli, err, "--backend goes without -d and --open");
    if (o->is_backend && o->shown.c4gh_keys.n == 0)
        return cli_usage(cli, err, "--backend needs --c4gh-key");
    /* Each request reads its input anew, from the beginning or at a place. */
    if (strcmp(cli->operand, "-") == 0 ||
        (stat(cli->operand, &st) == 0 && S_ISFIFO(st.st_mode)))
        return cli_usage(cli, err, "%s: a pipe cannot be served, which is read only once",
                         cli->operand);
    for (size_t i = 0; i < o->origins.n; i++) {
        if (!is_origin(o->origins.v[i]))
            return cli_usage(cli, err,
                             "--allow-origin %s: is not of the form https://HOST[:PORT], "
                             "in small letters",
                             o->origins.v[i]);
    }
    return 0;
}

static int run(struct cli *cli, void *args, struct vl_error *err)
{
    struct serve_args *a = args;
    int rc = check(cli, a, err);
    if (rc < 0)
        return rc;
    a->o.shown.input = cli->operand;
    a->o.shown.hooks = cli_hooks(cli);
    a->o.tell = tell;
    a->o.log = cli->quiet ? NULL : log_line;
    a->cli = cli;
    a->o.arg = a;
    rc = a->open ? find_igv(a, cli, err) : 0;
    return rc < 0 ? rc : serve_run(&a->o, err);
}

const struct cli_command cli_serve = {
    .name = "serve",
    .summary = "serve restored reads to programs of this machine",
    .operand = "INPUT",
    .options = options,
    .args_size = sizeof(struct serve_args),
    .run = run,
    .takes_c4gh_passphrase = true,
};
