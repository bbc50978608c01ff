/* The files of the page, which the Makefile puts into the program. */
#ifndef VARLOCK_NET_PAGE_FILES_H
#define VARLOCK_NET_PAGE_FILES_H

#include <stddef.h>

extern const unsigned char page_index_html[], page_page_css[], page_page_js[];
extern const size_t page_index_html_bytes, page_page_css_bytes, page_page_js_bytes;

#endif
