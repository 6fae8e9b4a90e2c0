/**
 * Over HTTP every answer names the project that it comes from, and a page names the one that it speaks of: a page that
 * slept while another project was opened is refused (`E_PROJECT_LEFT`), since its ids mean other pictures there.
 */
export const PROJECT_HEADER = 'x-patchwarden-project'
