#include "audit_pictures.h"

#include <math.h>

/* Size of every picture, in its own units. */
enum { WIDTH = 420, HEIGHT = 170, LEFT = 10, RIGHT = 410, BOTTOM = 140, TOP = 12 };

static void begin(struct vl_buf *out, const char *id, const char *title)
{
    vl_buf_addf(out,
                "<figure id=\"%s\"><figcaption>%s</figcaption>"
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
                id, title, WIDTH, HEIGHT, title);
}

static void end(struct vl_buf *out, const char *text)
{
    vl_buf_addf(out, "</svg><p>%s</p></figure>\n", text);
}

static void put_bar(struct vl_buf *out, const char *class, double x, double width,
                    double height)
{
    if (height > 0)
        vl_buf_addf(out,
                    "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
                    "height=\"%.1f\"/>",
                    class, x, BOTTOM - height, width, height);
}

static void put_text(struct vl_buf *out, double x, double y, const char *anchor,
                     const char *text)
{
    vl_buf_addf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", x, y,
                anchor, text);
}

static void put_axis(struct vl_buf *out)
{
    vl_buf_addf(out, "<path class=\"axis\" d=\"M%d %dH%d\"/>", LEFT, BOTTOM, RIGHT);
}

/* Bars of n counts side by side, the highest one as high as the picture. */
static void put_histogram(struct vl_buf *out, const char *class, const uint64_t *v, int n)
{
    double most = 1, step = (RIGHT - LEFT) / (double)n;
    for (int i = 0; i < n; i++)
        most = fmax(most, (double)v[i]);
    for (int i = 0; i < n; i++)
        put_bar(out, class, LEFT + i * step, step - 1.5,
                (BOTTOM - TOP) * (double)v[i] / most);
    put_axis(out);
}

/* ---- genotypes ---- */

/* Rows are the original's genotypes; each shows how the masked ones are shared out. */
static void put_grid(struct vl_buf *out, double x, const char *title,
                     const double counts[3][3])
{
    enum { CELL_WIDTH = 48, CELL_HEIGHT = 36, FIRST = 30 };
    static const char *const NAMES[] = {"0", "1", "2"};
    put_text(out, x + 1.5 * CELL_WIDTH, TOP, "middle", title);
    for (int i = 0; i < 3; i++) {
        double sum = counts[i][0] + counts[i][1] + counts[i][2],
               y = FIRST + i * CELL_HEIGHT;
        put_text(out, x - 6, y + 22, "end", NAMES[i]);
        put_text(out, x + (i + 0.5) * CELL_WIDTH, FIRST + 3 * CELL_HEIGHT + 14, "middle",
                 NAMES[i]);
        for (int k = 0; k < 3; k++) {
            double share = sum > 0 ? counts[i][k] / sum : 0, left = x + k * CELL_WIDTH;
            vl_buf_addf(out,
                        "<rect class=\"masked\" x=\"%.1f\" y=\"%.1f\" width=\"%d\" "
                        "height=\"%d\" fill-opacity=\"%.3f\"/>",
                        left, y, CELL_WIDTH - 2, CELL_HEIGHT - 2, 0.06 + 0.6 * share);
            vl_buf_addf(
                out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.0f%%</text>",
                left + CELL_WIDTH / 2.0 - 1, y + 22, 100 * share);
        }
    }
}

static void put_genotypes(const struct audit_pictures *p, struct vl_buf *out)
{
    begin(out, "genotypes", "Masked genotypes, given the original's");
    put_grid(out, 40, "found", p->genotypes);
    put_grid(out, 250, "by chance", p->by_chance);
    end(out,
        "Rows: alleles of the original that are not the reference's. Columns: those of "
        "the masked file. Both halves look alike where nothing leaks.");
}

/* ---- bars ---- */

static void put_balance(const struct audit_pictures *p, struct vl_buf *out)
{
    begin(out, "balance", "Allele balance at heterozygous sites");
    put_histogram(out, "masked", p->balance, AUDIT_BALANCE);
    put_text(out, LEFT, BOTTOM + 16, "start", "0");
    put_text(out, (LEFT + RIGHT) / 2.0, BOTTOM + 16, "middle", "1/2");
    put_text(out, RIGHT, BOTTOM + 16, "end", "1");
    end(out,
        "Share of the fragments that show the other allele, in the masked file: of one "
        "person, around a half.");
}

static double place_of_z(double z)
{
    z = z < -5 ? -5 : z > 5 ? 5 : z;
    return LEFT + (z + 5) / 10 * (RIGHT - LEFT);
}

static void put_linked(const struct audit_pictures *p, struct vl_buf *out)
{
    begin(out, "linked", "How well people fit the masked file");
    put_histogram(out, "others", p->linked, AUDIT_LINKED);
    for (int z = -4; z <= 4; z += 2) {
        char text[8] = {z < 0 ? '-' : '+', (char)('0' + (z < 0 ? -z : z))};
        put_text(out, place_of_z(z), BOTTOM + 16, "middle", z ? text : "0");
    }
    if (!isnan(p->own_z)) {
        vl_buf_addf(out, "<path class=\"own\" d=\"M%.1f %dV%d\"/>", place_of_z(p->own_z),
                    BOTTOM, TOP);
        bool is_left = p->own_z > -3 && (p->own_z < 0 || p->own_z > 3);
        put_text(out, place_of_z(p->own_z) + (is_left ? -5 : 5), TOP + 8,
                 is_left ? "end" : "start", "the person");
    }
    end(out,
        "Score of A6.likelihood, in standard deviations; people beyond 5 stand at the "
        "edge. The person stands among the others where nothing leaks.");
}

static void put_bits(const struct audit_pictures *p, struct vl_buf *out)
{
    static const char *const NAMES[AUDIT_BINS] = {"below 2 %", "2-10 %", "10-25 %",
                                                  "above 25 %"};
    double most = 33, step = (RIGHT - LEFT) / (double)AUDIT_BINS;
    for (int i = 0; i < AUDIT_BINS; i++)
        most = p->bits[i] > most ? p->bits[i] : most;
    double limit = BOTTOM - (BOTTOM - TOP - 12) * 33 / most;
    begin(out, "bits", "Bits about the original, by frequency of the rarer allele");
    for (int i = 0; i < AUDIT_BINS; i++) {
        double height = (BOTTOM - TOP - 12) * p->bits[i] / most;
        put_bar(out, "masked", LEFT + i * step + 10, step - 20, height);
        put_text(out, LEFT + (i + 0.5) * step, BOTTOM + 16, "middle", NAMES[i]);
        vl_buf_addf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.1f</text>",
                    LEFT + (i + 0.5) * step, BOTTOM - (height > 0 ? height : 0) - 4,
                    p->bits[i]);
    }
    put_axis(out);
    vl_buf_addf(out, "<path class=\"limit\" d=\"M%d %.1fH%d\"/>", LEFT, limit, RIGHT);
    end(out,
        "Less what chance gives on average, so that it may be negative. The line: 33 "
        "bits in all tell one of all people.");
}

/* ---- coverage ---- */

static void put_line(struct vl_buf *out, const char *class, const double *v, double most)
{
    vl_buf_addf(out, "<polyline class=\"%s\" points=\"", class);
    for (int i = 0; i < AUDIT_COLUMNS; i++)
        vl_buf_addf(out, "%.1f,%.1f ",
                    LEFT + i * (double)(RIGHT - LEFT) / (AUDIT_COLUMNS - 1),
                    BOTTOM - (BOTTOM - TOP) * v[i] / most);
    vl_buf_addf(out, "\"/>");
}

static double greatest_depth(const struct audit_pictures *p)
{
    double most = 0;
    for (int i = 0; i < 2 * AUDIT_COLUMNS; i++)
        most = fmax(most, p->coverage[i / AUDIT_COLUMNS][i % AUDIT_COLUMNS]);
    return most;
}

static void put_coverage(const struct audit_pictures *p, double most, struct vl_buf *out)
{
    begin(out, "depth", "Coverage along the genome");
    put_line(out, "line-original", p->coverage[0], most);
    put_line(out, "line-masked", p->coverage[1], most);
    put_axis(out);
    vl_buf_addf(out, "<text x=\"%d\" y=\"%d\">greatest mean depth %.1f</text>", LEFT,
                BOTTOM + 16, most);
    put_text(out, RIGHT, BOTTOM + 16, "end",
             "<tspan class=\"name-original\">original</tspan>, "
             "<tspan class=\"name-masked\">masked</tspan>");
    end(out, "Coverage stays visible on purpose, and with it sex and copy number.");
}

void audit_pictures_put(const struct audit_report *report, struct vl_buf *out)
{
    const struct audit_pictures *p = &report->pictures;
    uint64_t n_linked = 0, n_het = 0;
    double depth = greatest_depth(p);
    for (int i = 0; i < AUDIT_LINKED; i++)
        n_linked += p->linked[i];
    for (int i = 0; i < AUDIT_BALANCE; i++)
        n_het += p->balance[i];
    if (report->facts.has_original) {
        put_genotypes(p, out);
        put_bits(p, out);
    }
    if (n_linked > 0)
        put_linked(p, out);
    if (n_het > 0)
        put_balance(p, out);
    if (depth > 0)
        put_coverage(p, depth, out);
}
