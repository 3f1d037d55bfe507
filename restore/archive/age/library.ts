/**
 * The age library, loaded on demand: it carries post-quantum and P-256 arithmetic that takes tens of milliseconds to
 * set up (a second in an emulator), and most sets are not encrypted.
 */
export const loadAge = (): Promise<typeof import('age-encryption')> => import('age-encryption');
