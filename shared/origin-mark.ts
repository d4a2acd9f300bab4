/**
 * Stands in a rendered page for the address the server is asked by, `https://example.org`: pages are kept and sent to people who may
 * ask by different names.
 */
export const ORIGIN_MARK = '__LASTRA_ORIGIN__'
